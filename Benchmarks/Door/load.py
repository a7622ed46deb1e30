"""What the way through the gateway costs, and how fair it is, by stamped tokens of a metronome."""
import concurrent.futures
import http.client
import json
import os
import socket
import statistics
import threading
import time
from pathlib import Path


def stream(target, model, tokens, key=None, leave_after=None, stamps=True):
    """Reads a stream: microseconds on the way of each token, and when each came."""
    connection = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
    connection.settimeout(120)
    connection.connect(target)
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "x"}], "stream": True,
                       "max_tokens": tokens}).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    if key:
        head += f"Authorization: Bearer {key}\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    rest, ways, came, begun, done = b"", [], [], time.monotonic(), False
    status = None
    while piece := connection.recv(1 << 16):
        now = time.monotonic_ns()
        rest += piece
        *events, rest = rest.split(b"\n\n")
        for event in events:
            status = status or (event[:12] if event.startswith(b"HTTP/") else None)
            done = done or b"[DONE]" in event
            place = event.find(b'"content":"')
            if place < 0 or event[place + 11:place + 12] == b'"':
                continue
            came.append(now / 1e9)
            if stamps:
                ways.append((now - int(event[place + 11:].split(b" ", 1)[0])) / 1e3)
        if leave_after and len(came) >= leave_after:
            connection.close()
            return ways, came, begun, status, done
    connection.close()
    return ways, came, begun, status, done


def quantile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def latency(machine, gateway, rounds=12, tokens=150):
    """Rounds of tokens 5 ms apart, to the runtime and through the gateway in turn."""
    ways = {"direct": [], "gateway": []}
    targets = {"direct": str(machine.socket("metronome")), "gateway": ("127.0.0.1", machine.port)}
    used = 0
    for number in range(rounds):
        for name in sorted(targets, reverse=number % 2 == 1):
            before = cpu_seconds(gateway)
            ways[name] += stream(targets[name], "metronome", tokens)[0]
            used += cpu_seconds(gateway) - before if name == "gateway" else 0
    for name, values in ways.items():
        print(f"latency: {name:8} {len(values)} tokens, us on the way: median {statistics.median(values):.0f}, "
              f"p90 {quantile(values, 0.9):.0f}, p99 {quantile(values, 0.99):.0f}")
    added = {name: (f(ways["gateway"]) - f(ways["direct"])) / 1e3 for name, f in
             [("median", statistics.median), ("p99", lambda values: quantile(values, 0.99))]}
    print(f"latency: added: median {added['median']:.3f} ms, p99 {added['p99']:.3f} ms; "
          f"CPU {used / rounds / tokens * 1e6:.0f} us a token; load average {os.getloadavg()[0]:.1f}")
    return added["median"] <= 0.3 and added["p99"] <= 3 and len(ways["gateway"]) == rounds * tokens


def rate(machine, gateway, tokens=50_000):
    """10,000 tokens a second, in pieces of ten a millisecond: all come, in order."""
    before = cpu_seconds(gateway)
    ways, came, _, _, done = stream(("127.0.0.1", machine.port), "fast", tokens)
    used = cpu_seconds(gateway) - before
    seconds = came[-1] - came[0]
    ok = len(came) == tokens and done
    print(f"rate: {len(came)} of {tokens} tokens, {(len(came) - 1) / seconds:.0f} a second, "
          f"CPU {used / tokens * 1e6:.1f} us a token, on the way median {statistics.median(ways) / 1e3:.2f} ms")
    before = cpu_seconds(gateway)
    _, came, _, _, done = stream(("127.0.0.1", machine.port), "flat-out", tokens, stamps=False)
    used = cpu_seconds(gateway) - before
    print(f"rate: as fast as it goes: {len(came)} of {tokens} tokens, {(len(came) - 1) / (came[-1] - came[0]):.0f} a second, "
          f"CPU {used / tokens * 1e6:.1f} us a token")
    return ok and len(came) == tokens and done


def fairness(machine, keys, seconds=20):
    """32 clients of 4 callers, with answers of different lengths, at a runtime with one place."""
    clients = {name: count for name, count in zip(keys, (2, 6, 10, 14))}
    lengths = {name: tokens for name, tokens in zip(keys, (40, 80, 20, 10))}
    got, failures, waits = {name: 0 for name in keys}, [], []
    lock, end = threading.Lock(), time.monotonic() + seconds

    def client(name):
        while time.monotonic() < end:
            ways, came, begun, status, done = stream(("127.0.0.1", machine.port), "slow", lengths[name], keys[name])
            with lock:
                got[name] += sum(when < end for when in came)
                if status != b"HTTP/1.1 200" or not done or len(came) != lengths[name]:
                    failures.append((name, status, len(came)))

    def lists():
        while time.monotonic() < end:
            begun = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)
            connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {next(iter(keys.values()))}"})
            answer = connection.getresponse()
            good = answer.status == 200 and answer.read()
            connection.close()
            with lock:
                waits.append((time.monotonic() - begun) * 1e3)
                if not good:
                    failures.append(("models", answer.status, 0))
            time.sleep(0.02)

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        jobs = [pool.submit(client, name) for name, count in clients.items() for _ in range(count)]
        jobs += [pool.submit(lists)]
        newcomer = pool.submit(newcomer_wait, machine, keys, end - seconds / 2)
        for job in jobs:
            job.result()
        waited, most = newcomer.result()
    values = list(got.values())
    jain = sum(values) ** 2 / (len(values) * sum(value ** 2 for value in values))
    print(f"fairness: 32 clients of 4 callers ({'/'.join(map(str, clients.values()))} with answers of "
          f"{'/'.join(map(str, lengths.values()))} tokens), {sum(values)} tokens in {seconds} s: {got}, "
          f"Jain {jain:.3f}, {len(failures)} failures")
    print(f"fairness: /v1/models meanwhile: {len(waits)} answers, median {statistics.median(waits):.1f} ms, "
          f"p99 {quantile(waits, 0.99):.1f} ms; a newcomer waited {waited:.2f} s, one request of each other caller "
          f"takes {most:.2f} s; load average {os.getloadavg()[0]:.1f}")
    for failure in failures[:5]:
        print("  failed:", failure)
    return jain >= 0.95 and not failures and quantile(waits, 0.99) <= 50 and waited <= most


def newcomer_wait(machine, keys, when):
    """Seconds until the first token of a caller that comes new, and what one request of each other takes."""
    time.sleep(max(0, when - time.monotonic()))
    _, came, begun, _, _ = stream(("127.0.0.1", machine.port), "slow", 1, keys.newcomer)
    return came[0] - begun, (40 + 80 + 20 + 10) * SLOW / 1e3 + 0.5


# Milliseconds between two tokens of the runtime for which callers wait.
SLOW = 10


class Keys(dict):
    """Names of callers with their tokens, and the token of one that comes later."""
    newcomer = None


def leave(machine, is_stream):
    """Asks for a long answer and leaves within it; when it left."""
    if is_stream:
        stream(("127.0.0.1", machine.port), "slow", 2000, leave_after=30)
        return time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=60)
    connection.request("POST", "/v1/chat/completions", json.dumps(
        {"model": "slow", "messages": [{"role": "user", "content": "x"}], "max_tokens": 2000}))
    time.sleep(0.3)
    connection.close()
    return time.monotonic()


def leaving(machine, rounds=20):
    """A client leaves within its answer: how soon the next, which waits, gets its first token."""
    good = True
    for is_stream in True, False:
        gaps = []
        for _ in range(rounds):
            came = []
            waiting = threading.Timer(
                0.05, lambda: came.append(stream(("127.0.0.1", machine.port), "slow", 1)[1][0]))
            waiting.start()
            left = leave(machine, is_stream)
            waiting.join()
            gaps.append((came[0] - left) * 1e3)
        print(f"leaving: {'streamed' if is_stream else 'not streamed'}: the next caller's first token comes "
              f"{statistics.median(gaps):.1f} ms after a client left (most {max(gaps):.1f} ms, {rounds} rounds), "
              f"a token takes {SLOW} ms")
        good &= 0 < min(gaps) and max(gaps) <= 100 + SLOW
    return good
