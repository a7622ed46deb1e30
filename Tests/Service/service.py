"""tinyboxd and tinybox-gateway as ordinary processes, in a folder of their own.

The daemon reads this machine and its policy and changes neither: it is started only where no policy
says "enforce", and the tests never ask it to apply anything.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# A test runner may have started this with signals blocked, and what is started here inherits that.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
# Numbers that no group and no user of a machine has by itself.
READERS, ADMINISTRATORS, NOBODY = 61801, 61802, 61803


class Failure(Exception):
    """The services could not be started, and why."""


def programs():
    """The folder of the programs: TINYBOX_BIN, else TINYBOX_BUILD (debug or release) below .build."""
    folder = os.environ.get("TINYBOX_BIN")
    return Path(folder) if folder else ROOT / ".build" / os.environ.get("TINYBOX_BUILD", "debug")


def outside_address():
    """An address of this machine that is none of its loopback's; None where it has none."""
    # Nothing is sent: connecting a datagram socket only chooses the address.
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]
    except OSError:
        return None
    finally:
        probe.close()
    return None if address.startswith("127.") else address


def with_free_port(address):
    """An address whose port 0 became one that is free."""
    host, _, port = address.rpartition(":")
    if port != "0":
        return address
    with socket.socket() as probe:
        probe.bind((host, 0))
        return f"{host}:{probe.getsockname()[1]}"


def refuse_where_it_would_enforce():
    """A daemon of a test must not keep the placement of the machine it runs on."""
    for file in sorted(Path("/etc/tinybox").glob("**/*.toml")):
        if "enforce" in file.read_text(errors="replace"):
            raise Failure(f"{file} tells tinyboxd to enforce the placement: not on such a machine")


class UnixConnection(http.client.HTTPConnection):
    """HTTP on a Unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def resident_mib(pid):
    """Resident memory of a process, MiB."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return None


class Service:
    """Both programs, from start to stop. What they say is in `log()`."""

    def __init__(self, listen=("127.0.0.1:0",), gateway=True, prepare=None):
        """`prepare` is given the folder, and gives more arguments for the gateway."""
        self.folder = Path(tempfile.mkdtemp(prefix="tinybox-service-"))
        # Other users are to get as far as the socket, where the daemon decides.
        self.folder.chmod(0o755)
        self.socket = self.folder / "api.sock"
        self.tokens = self.folder / "gateway.tokens"
        self.listen, self.wants_gateway = listen, gateway
        self.prepare = prepare
        self.daemon = self.gateway = None
        self.urls = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def url(self):
        return self.urls[0]

    def start(self):
        for name in ("tinyboxd", "tinybox-gateway", "tinyboxctl"):
            if not os.access(programs() / name, os.X_OK):
                raise Failure(f"there is no {programs() / name}: swift build")
        refuse_where_it_would_enforce()
        (self.folder / "state").mkdir()
        self.daemon = self.run(
            "tinyboxd", "--socket", self.socket, "--state", self.folder / "state",
            "--reader-group", READERS, "--administrator-group", ADMINISTRATORS)
        self.until("an answer of tinyboxd", self.daemon, self.answers)
        mode = json.loads(self.ask("/v1/daemon")[1]).get("mode")
        if mode not in (None, "observe"):
            raise Failure(f"tinyboxd is in mode {mode}: not on this machine")
        self.socket.chmod(0o666)
        if self.wants_gateway:
            self.start_gateway()

    def start_gateway(self):
        arguments = ["--socket", self.socket, "--tokens", self.tokens]
        if self.prepare:
            arguments += self.prepare(self.folder)
        for address in self.listen:
            arguments += ["--listen", with_free_port(address)]
        self.gateway = self.run("tinybox-gateway", *arguments)
        line = "tinybox-gateway: listening on "

        def listening():
            said = [each for each in self.log("tinybox-gateway").splitlines() if each.startswith(line)]
            self.urls = [f"http://{each}" for each in said[-1][len(line):].split(", ")] if said else []
            return said
        self.until("addresses of tinybox-gateway", self.gateway, listening)

    def run(self, name, *arguments):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                [programs() / name, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def until(self, what, process, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if process.poll() is not None:
                raise Failure(f"{what} never came; it ended with {process.returncode}: {self.log()}")
            if time.monotonic() > end:
                raise Failure(f"{what} did not come within {seconds} s: {self.log()}")
            time.sleep(0.05)

    def answers(self):
        try:
            return self.ask("/v1/daemon")[0] == 200
        except OSError:
            return False

    def ask(self, path, method="GET"):
        """Status and body of an answer of the daemon."""
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def control(self, *arguments):
        """What tinyboxctl prints."""
        done = subprocess.run(
            [programs() / "tinyboxctl", *map(str, arguments)], capture_output=True, text=True, check=True)
        return done.stdout

    def create_token(self, name, *options):
        """Text and id of a new token."""
        made = json.loads(self.control("token", "create", name, *options, "--json", "--tokens", self.tokens))
        return made["token"], made["id"]

    def revoke_token(self, token_id):
        self.control("token", "revoke", token_id, "--tokens", self.tokens)

    def log(self, name=None):
        names = [name] if name else ["tinyboxd", "tinybox-gateway"]
        files = [self.folder / f"{each}.log" for each in names]
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def alive(self):
        """Says which program has ended by itself; None when none has."""
        for name, process in (("tinyboxd", self.daemon), ("tinybox-gateway", self.gateway)):
            if process and process.poll() is not None:
                return f"{name} ended with {process.returncode}: {self.log(name)}"
        return None

    def stop(self):
        """Ends both in order. Returns what went wrong with that; None when nothing did."""
        wrong = None
        for name, process in (("tinybox-gateway", self.gateway), ("tinyboxd", self.daemon)):
            if not process:
                continue
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(20)
                if status != 0:
                    wrong = f"{name} ended with {status}: {self.log(name)}"
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                wrong = f"{name} did not end within 20 s of SIGTERM"
        if wrong:
            print(f"service: {wrong}", file=sys.stderr)
        self.daemon = self.gateway = None
        shutil.rmtree(self.folder, ignore_errors=True)
        return wrong
