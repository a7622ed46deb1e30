#!/usr/bin/env python3
"""Load and abuse for tinyboxd and tinybox-gateway, with nothing but the standard library.

  load.py http://127.0.0.1:8686                     200 readers of status and metrics for 10 s
  load.py http://127.0.0.1:8686 --socket PATH       half of them ask tinyboxd itself for its status,
                                                    the others the gateway for metrics
  load.py --abuse http://127.0.0.1:8686             what attackers do, while a good client measures
  load.py --rounds 2 ...                            the same again, to see whether memory grows
  load.py --pid PID ...                             also the memory of that process; any number
  load.py --token TOKEN ...                         for an address that wants one
  load.py --fake-daemon /tmp/x.sock                 a daemon to try the gateway with

Exit status: 0 when every good request was answered, 1 otherwise.
"""
import argparse
import asyncio
import json
import os
import random
import resource
import ssl
import sys
import time
from urllib.parse import urlsplit


class SocketTarget:
    """A service on a Unix socket."""
    name, token = "localhost", None

    def __init__(self, path):
        self.path = path

    async def connect(self):
        return await asyncio.open_unix_connection(self.path)

    def request(self, path, extra=""):
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n".encode()


class Target:
    def __init__(self, url, token):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or 80
        self.name = parts.netloc
        self.token = token
        self.tls = None
        if parts.scheme == "https":
            self.tls = ssl.create_default_context()
            # What is measured is the server, and its certificate is often its own.
            self.tls.check_hostname = False
            self.tls.verify_mode = ssl.CERT_NONE

    async def connect(self):
        return await asyncio.open_connection(self.host, self.port, ssl=self.tls)

    def request(self, path, extra=""):
        token = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        return f"GET {path} HTTP/1.1\r\nHost: {self.name}\r\n{token}{extra}\r\n".encode()


async def read_answer(reader):
    """Status and length of one answer with Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1])
    fields = dict(l.split(": ", 1) for l in lines[1:] if ": " in l)
    fields = {k.lower(): v for k, v in fields.items()}
    length = int(fields.get("content-length", 0))
    await reader.readexactly(length)
    return status, length, fields.get("connection", "").lower() == "close"


def memory(pid):
    """Resident memory of a process now and at its peak, MiB."""
    values = {}
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(("VmRSS", "VmHWM")):
                values[line.split(":")[0]] = int(line.split()[1]) / 1024
    return values["VmRSS"], values["VmHWM"]


def processor_seconds(pid):
    """Processor time that a process has used, seconds."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Watched:
    """Processes whose memory and time are told."""

    def __init__(self, pids):
        self.names = {}
        for pid in pids:
            with open(f"/proc/{pid}/comm") as file:
                self.names[pid] = file.read().strip()
        self.before = {pid: (memory(pid)[0], processor_seconds(pid)) for pid in pids}

    def tell(self):
        for pid, name in self.names.items():
            now, peak = memory(pid)
            seconds = processor_seconds(pid)
            before, used = self.before[pid]
            print(f"{name}: memory {before:.1f} MiB before, {now:.1f} MiB after, peak {peak:.1f} MiB; "
                  f"{seconds - used:.1f} s of processor time", flush=True)
            self.before[pid] = now, seconds


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Tally:
    def __init__(self):
        self.times, self.errors, self.bytes = [], {}, 0

    def error(self, what):
        self.errors[what] = self.errors.get(what, 0) + 1

    def line(self, name, seconds):
        count = len(self.times)
        return (
            f"{name}: {count} requests, {count / seconds:.0f}/s, "
            f"{self.bytes / 2**20 / seconds:.1f} MiB/s, p50 {percentile(self.times, .5) * 1e3:.1f} ms, "
            f"p99 {percentile(self.times, .99) * 1e3:.1f} ms, "
            f"longest {max(self.times, default=0) * 1e3:.1f} ms, errors {self.errors or 0}"
        )


async def reader_loop(target, paths, end, tally, pause=0.0):
    """Asks again and again on one connection, and connects anew when that is closed."""
    connection = None
    while time.monotonic() < end:
        path = random.choice(paths)
        start = time.monotonic()
        try:
            if connection is None:
                connection = await asyncio.wait_for(target.connect(), 10)
            reader, writer = connection
            writer.write(target.request(path))
            status, length, closes = await asyncio.wait_for(read_answer(reader), 30)
            if status == 200:
                tally.times.append(time.monotonic() - start)
                tally.bytes += length
            else:
                tally.error(f"status {status}")
                await asyncio.sleep(0.05)
            if closes:
                writer.close()
                connection = None
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError) as error:
            tally.error(type(error).__name__)
            if connection:
                connection[1].close()
            connection = None
            await asyncio.sleep(0.05)
        if pause:
            await asyncio.sleep(pause)
    if connection:
        connection[1].close()


async def load(target, options):
    watched = Watched(options.pid)
    asked = [(target, path, "gateway") for path in options.path]
    if options.socket:
        asked = [(SocketTarget(options.socket), "/v1/status", "tinyboxd"), (target, "/metrics", "gateway")]
    is_good = True
    for _ in range(options.rounds):
        tallies = [Tally() for _ in asked]
        start = time.monotonic()
        readers = []
        for reader in range(options.readers):
            which = reader % len(asked)
            readers.append(
                reader_loop(asked[which][0], [asked[which][1]], start + options.seconds, tallies[which]))
        await asyncio.gather(*readers)
        seconds = time.monotonic() - start
        for (_, path, whom), tally in zip(asked, tallies):
            print(tally.line(f"{options.readers // len(asked)} readers of {path} of {whom}", seconds))
            # Nobody answered is no success either.
            is_good = is_good and not tally.errors and len(tally.times) > 0
        watched.tell()
    return is_good


ATTACKS = ["slow", "big", "malformed", "pipelines", "idle"]

# What attackers do. Each runs until it is cancelled, and says how it was answered.

async def slow_loris(target, counts):
    """Sends a request a byte at a time."""
    while True:
        try:
            reader, writer = await target.connect()
            for byte in target.request("/", "X-Slow: " + "x" * 4000 + "\r\n"):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.5)
                if reader.at_eof():
                    break
            writer.close()
        except OSError:
            pass
        counts["slow-loris connections ended"] = counts.get("slow-loris connections ended", 0) + 1
        await asyncio.sleep(0.2)


async def big_body(target, counts):
    """Announces a body of 1 GB and starts to send it."""
    head = f"POST /login HTTP/1.1\r\nHost: {target.name}\r\nContent-Length: 1000000000\r\n\r\n".encode()
    while True:
        sent = 0
        try:
            reader, writer = await target.connect()
            writer.write(head)
            while sent < 10**9:
                writer.write(b"x" * 65536)
                await asyncio.wait_for(writer.drain(), 5)
                sent += 65536
        except (OSError, asyncio.TimeoutError):
            pass
        key = "largest part of a 1 GB body that was taken, KiB"
        counts[key] = max(counts.get(key, 0), sent // 1024)
        await asyncio.sleep(0.2)


async def idle_connections(target, counts, count):
    """Opens connections and does nothing with them."""
    held = []

    async def one():
        try:
            held.append(await asyncio.wait_for(target.connect(), 30))
        except (OSError, asyncio.TimeoutError):
            counts["idle connections refused"] = counts.get("idle connections refused", 0) + 1

    try:
        for start in range(0, count, 200):
            await asyncio.gather(*[one() for _ in range(min(200, count - start))])
            counts["idle connections opened"] = len(held)
        while True:
            await asyncio.sleep(1)
    finally:
        for _, writer in held:
            writer.transport.abort()


MALFORMED = [
    b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100,
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 10000 + b"\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


async def malformed(target, counts):
    """Sends what is no request, and noise."""
    while True:
        text = random.choice(MALFORMED + [random.randbytes(random.randrange(1, 2000))])
        try:
            reader, writer = await target.connect()
            writer.write(text)
            await asyncio.wait_for(reader.read(100), 2)
            writer.close()
        except (OSError, asyncio.TimeoutError):
            # One that fails at once would never let the others run.
            await asyncio.sleep(0.05)
        counts["malformed requests"] = counts.get("malformed requests", 0) + 1


async def pipeliner(target, counts):
    """Sends a thousand requests at once and reads nothing."""
    while True:
        try:
            reader, writer = await target.connect()
            writer.write(target.request("/api/v1/status") * 1000)
            await asyncio.wait_for(writer.drain(), 2)
            await asyncio.sleep(1)
            writer.transport.abort()
        except (OSError, asyncio.TimeoutError):
            await asyncio.sleep(0.05)
        counts["pipelines"] = counts.get("pipelines", 0) + 1


async def good_client(target, paths, seconds):
    """A client that behaves. Its connections are new, as a client's would be that comes while the
    attack is on."""
    tally = Tally()
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        await reader_loop(target, paths, time.monotonic() + 0.01, tally)
        await asyncio.sleep(0.02)
    return tally


async def measured(options, seconds):
    """A good client in a process of its own: this one has its hands full with the attack."""
    arguments = [options.url, "--good-client", "--seconds", str(seconds)]
    for path in options.path:
        arguments += ["--path", path]
    if options.token:
        arguments += ["--token", options.token]
    child = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await child.communicate()
    tally = Tally()
    tally.times, tally.errors, tally.bytes = json.loads(output)
    return tally


async def abuse(target, options):
    watched = Watched(options.pid)
    tallies = []

    async def measure(name, seconds):
        tallies.append(await measured(options, seconds))
        print(tallies[-1].line(name, seconds), flush=True)

    attacks = {
        "slow": [slow_loris] * options.slow, "big": [big_body] * 4, "malformed": [malformed] * 10,
        "pipelines": [pipeliner] * 4,
        "idle": [lambda target, counts: idle_connections(target, counts, options.idle)]}
    await measure("good client alone", 3)
    for _ in range(options.rounds):
        counts = {}
        attackers = [
            asyncio.create_task(attack(target, counts))
            for name in options.attack for attack in attacks[name]]
        await measure("good client under attack", options.seconds)
        # Once is not always enough: asyncio.wait_for may take a cancellation for its own.
        while attackers:
            for task in attackers:
                task.cancel()
            _, attackers = await asyncio.wait(attackers, timeout=1)
        for what, count in sorted(counts.items()):
            print(f"  {what}: {count}")
        watched.tell()
    # Whoever was attacked must answer once it is over.
    await measure("good client afterwards", 3)
    watched.tell()
    return all(tally.times and not tally.errors for tally in tallies)


async def fake_daemon(path):
    """Answers as tinyboxd does, near enough to try the gateway."""
    status = json.dumps({"schema": "tinybox.status/1", "filler": "x" * 20000}).encode()
    metrics = b"".join(b"tinybox_filler{n=\"%d\"} 1\n" % n for n in range(1500))

    async def serve(reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                target = head.split()[1].split("?")[0]
                if target.endswith("/stream"):
                    writer.write(
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n")
                    while True:
                        piece = b"data: {}\n\n"
                        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                        await writer.drain()
                        await asyncio.sleep(1)
                body = metrics if target == "/v1/metrics" else status
                kind = "text/plain" if target == "/v1/metrics" else "application/json"
                writer.write(
                    f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
                    .encode() + body)
                await writer.drain()
                if "connection: close" in head.lower():
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(serve, path, backlog=1024)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--abuse", action="store_true")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--idle", type=int, default=10000, help="idle connections of --abuse")
    parser.add_argument("--path", action="append", help="default: /api/v1/status and /metrics")
    parser.add_argument("--slow", type=int, default=300, help="connections of --abuse that send slowly")
    parser.add_argument("--attack", action="append", choices=ATTACKS, help="default: all")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--socket", help="the socket of tinyboxd")
    parser.add_argument("--pid", type=int, action="append", default=[])
    parser.add_argument("--token")
    parser.add_argument("--good-client", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--fake-daemon", metavar="SOCKET")
    options = parser.parse_args()
    options.attack = options.attack or ATTACKS
    options.path = options.path or ["/api/v1/status", "/metrics"]
    # The good client of a run with abuse is a process that has the seed from this one.
    seed = os.environ.get("TINYBOX_SEED", "1")
    if seed == "random":
        seed = os.environ["TINYBOX_SEED"] = str(random.randrange(10**9))
    print(f"TINYBOX_SEED={seed}", file=sys.stderr)
    random.seed(int(seed))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if options.fake_daemon:
        asyncio.run(fake_daemon(options.fake_daemon))
        return 0
    if not options.url:
        parser.error("an address is missing")
    target = Target(options.url, options.token)
    if options.good_client:
        tally = asyncio.run(good_client(target, options.path, options.seconds))
        print(json.dumps([tally.times, tally.errors, tally.bytes]))
        return 0
    done = asyncio.run((abuse if options.abuse else load)(target, options))
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
