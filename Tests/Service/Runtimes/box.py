"""Runs within the box, as root: installs, hosts three stand-ins, strikes them, and says what their clients saw.

`a` is struck. `b` answers a client all the while. `c` is on demand. The last line is "END n checks, m wrong".
"""
import contextlib
import json
import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path

import clients
import gguf
from clients import Steady, Stream, answers, ask, until

NIGHTLY = "--nightly" in sys.argv
# A machine that builds and tests other programs meanwhile is late; what is right stays right.
LATE = 1.0 if NIGHTLY else 60.0
EARLY = 0.5 if NIGHTLY else 9.0
TIMES = 50
REGISTRY = "/run/tinybox/runtimes.json"
MODELS = Path("/var/lib/tinybox/models")
PORTS = {"a": 8001, "b": 8002, "c": 8003}
# `first-token-timeout`. tinyboxd looks for hangs among requests that take longer than ten seconds.
PATIENCE = 20 if NIGHTLY else 10
# What tinyboxd waits for a sign of life at least (docs/models.md, "A runtime that hangs").
HANG = 180

checks, wrong = 0, 0


def check(holds, what, detail=""):
    global checks, wrong
    checks += 1
    wrong += not holds
    print(f"{'right' if holds else 'WRONG'}: {what}{f': {detail}' if detail != '' else ''}", flush=True)


def command(*words, status=0):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != status:
        check(False, " ".join(words), f"{done.returncode}, {done.stdout} {done.stderr}".strip())
    return done.stdout.strip()


def unit(name):
    return f"tinybox-runtime@{name}.service"


def shown(unit, key):
    return command("systemctl", "show", "--property", key, "--value", unit)


def process(name):
    return int(shown(unit(name), "MainPID"))


def state(name):
    with contextlib.suppress(OSError, ValueError):
        for one in json.loads(Path(REGISTRY).read_text())["instances"]:
            if one["name"] == name:
                return one["state"]
    return None


def digest(name):
    return command("sha256sum", str(MODELS / name / "model.gguf")).split()[0]


def configure(patience):
    Path("/etc/tinybox/tinybox.toml").write_text(
        f'[gateway.models]\nlocal = "open"\nfirst-token-timeout = "{patience}s"\n')


def install():
    """As `make install` and docs/models.md say."""
    command("systemd-sysusers", "tinybox.conf")
    command("systemd-tmpfiles", "--create", "tinybox.conf")
    command("systemctl", "daemon-reload")
    configure(60)
    command("systemctl", "start", "tinyboxd.socket", "tinyboxd.service", "tinybox-gateway.service")
    for name in "a", "b":
        gguf.write(f"/test/{name}.gguf", f"stand-in {name}")
        command("tinyboxctl", "model", "add", f"/test/{name}.gguf", "--name", f"model-{name}", "--backend", "openai")
    for name, port in PORTS.items():
        more = ["--on-demand", "--idle", "10s"] if name == "c" else ["--model", f"model-{name}"]
        program = ["/usr/bin/python3", "/test/stand_in.py", "{socket}", str(port), *(["{model}"] if name != "c" else [])]
        command("tinyboxctl", "runtime", "add", name, "--endpoint", "unix", "--apis", "chat", "--slots", "4", *more,
                "--", *program)
    for name in "a", "b":
        until(lambda: state(name) == "ready", f"{name} is ready")
    for name in PORTS:
        check(answers(name), f"{name} answers")


# What must not reach a runtime

def reach(user, what):
    """Tries as a user of the box."""
    script = ("import json, sys; sys.path.insert(0, '/test'); from stand_in import reach; "
              "print(json.dumps(reach(json.loads(sys.argv[1]))))")
    done = subprocess.run([sys.executable, "-c", script, json.dumps(what)], user=user, group=pwd.getpwnam(user).pw_gid,
                          extra_groups=[], capture_output=True, text=True)
    return json.loads(done.stdout)


def reached(found):
    return sum(one["reached"] for kind in ("sockets", "ports", "signals") for one in found[kind].values())


def told(found):
    return "; ".join(f"{name}: {one['reached']} of {TIMES} {' '.join(one['errors'])}"
                     for kind in ("sockets", "ports", "signals") for name, one in found[kind].items())


def isolation():
    doors = [f"/run/tinybox-runtimes/{name}.sock" for name in PORTS]
    inner = [f"/run/tinybox-runtime/{name}/api.sock" for name in "ab"]
    signals = [process("a"), process("b")]
    what = {"times": TIMES, "sockets": doors + inner, "ports": [8001, 8002], "signals": signals}
    found = reach("nobody", what)
    check(reached(found) == 0, "another user reaches no runtime", told(found))
    found = reach("root", {"times": TIMES, "ports": [8001, 8002]})
    check(reached(found) == 0, "the box's loopback reaches no runtime", told(found))
    found = reach("tinybox-gateway", {"times": TIMES, "sockets": doors[:2]})
    check(reached(found) == 2 * TIMES, "the gateway's user reaches the doors", told(found))
    for one, other in ("a", "b"), ("b", "a"):
        own = [f"/run/tinybox-runtime/{one}/api.sock"]
        far = [door for door in doors] + [f"/run/tinybox-runtime/{other}/api.sock", "/run/tinybox/api.sock",
                                          "/run/dbus/system_bus_socket"]
        found = clients.said(one, "reach " + json.dumps(
            {"times": TIMES, "sockets": far, "ports": [PORTS[other], 8686], "signals": [process(other), 1]}))
        check(reached(found) == 0, f"{one} reaches neither {other}, nor the gateway, tinyboxd and D-Bus", told(found))
        refused = found["signals"][str(process(other))]["errors"]
        check(refused == ["EPERM"], f"signals of {one} to {other} are refused", refused)
        found = clients.said(one, "reach " + json.dumps({"times": TIMES, "sockets": own, "ports": [PORTS[one]]}))
        check(reached(found) == 2 * TIMES and found["self"] == TIMES, f"{one} reaches itself", told(found))
    users = {name: clients.said(name, "reach {}")["user"] for name in "ab"}
    check(len({0, *users.values()}) == 3, "each has a user of its own", users)
    for name in "ab":
        found = clients.said(name, "model")
        check(found == {"sha256": digest(f"model-{name}"), "writable": False},
              f"{name} reads its model and cannot write it")


def exposure():
    for name in unit("a"), "tinybox-runtime-door@a.service", unit("c"):
        text = command("systemd-analyze", "security", "--no-pager", name).splitlines()[-1]
        score = float(text.split(": ")[1].split()[0])
        check(score <= 1.0, f"exposure of {name} as it runs is at most 1.0", score)


# What goes wrong

def late(stream, since, patience=0.0):
    """Whether a client knew in time; and the seconds, for people."""
    seconds = stream.ended - since
    return -EARLY <= seconds - patience <= LATE, f"{stream.outcome} after {seconds:.2f} s"


def recovers(name, since):
    until(lambda: state(name) == "ready" and answers(name), f"{name} answers again")
    check(True, f"{name} answers again by itself", f"after {time.monotonic() - since:.1f} s")


@contextlib.contextmanager
def undisturbed(what):
    """Meanwhile a client of b gets every word."""
    before = process("b"), shown(unit("b"), "NRestarts")
    with Steady("b") as client:
        yield
    check(client.bad == [] and client.answers > 0, f"b is undisturbed by {what}",
          client.bad or f"{client.answers} answers, {client.longest:.2f} s between two words at most")
    check((process("b"), shown(unit("b"), "NRestarts")) == before, f"b is the same process after {what}")


def killed():
    stream = Stream("a", "count 1000 50").begun()
    os.kill(process("a"), signal.SIGKILL)
    since = time.monotonic()
    stream.join()
    right, detail = late(stream, since)
    check(right and stream.outcome == ("error", "runtime_failed"), "kill -9 in a stream", detail)
    recovers("a", since)


def stopped():
    """A hang: the stream that had begun, and a request that comes then."""
    configure(PATIENCE)
    command("systemctl", "restart", "tinybox-gateway")
    until(lambda: answers("a"), "the gateway answers")
    with undisturbed("a hang"):
        stream = Stream("a", "count 1000 50").begun()
        struck = process("a")
        os.kill(struck, signal.SIGSTOP)
        since = time.monotonic()
        status, code, _ = ask("a", "hello")
        seconds = time.monotonic() - since
        stream.join()
        right, detail = late(stream, since, PATIENCE)
        check(right and stream.outcome == ("error", "runtime_failed"), "SIGSTOP in a stream", detail)
        check((status, code) == (504, "runtime_timeout") and -EARLY <= seconds - PATIENCE <= LATE,
              "a request to what hangs", f"{status} {code} after {seconds:.2f} s")
        if NIGHTLY:
            until(lambda: process("a") not in (0, struck) and state("a") == "ready", "what hangs is restarted",
                  2 * HANG + 60)
            seconds = time.monotonic() - since
            check(HANG - 10 <= seconds <= HANG + 60, "tinyboxd restarts what hangs", f"after {seconds:.0f} s")
            said = command("tinyboxctl", "events", "--kind", "runtime.hung")
            check("runtime a had requests" in said, "and an event says so")
        else:
            os.kill(struck, signal.SIGCONT)
        recovers("a", since)
    configure(60)
    command("systemctl", "restart", "tinybox-gateway")


def model_faults():
    file = MODELS / "model-a/model.gguf"
    good, mode = file.read_bytes(), file.stat().st_mode
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns

    def put(data):
        """In its place, as `cp` writes."""
        with open(file, "r+b") as opened:
            opened.write(data)
            opened.truncate()

    def replace(data):
        other = file.with_name("other")
        other.write_bytes(data)
        other.chmod(mode)
        other.rename(file)

    def restore(how):
        """As `cp -p` from a copy: a file that was written after it was recorded stays damaged until it is verified."""
        how(good)
        os.utime(file, ns=times)

    faults = [("truncated", lambda: put(good[:-1]), lambda: restore(put)),
              ("unreadable", lambda: file.chmod(0), lambda: file.chmod(mode)),
              ("replaced", lambda: replace(good + b"more"), lambda: restore(replace)),
              ("removed", file.unlink, lambda: restore(replace))]
    for what, harm, mend in faults:
        stream = Stream("a", "count 1000 50").begun()
        since = time.monotonic()
        harm()
        answer = until(lambda: (got := ask("a", "hello"))[1] == "model_damaged" and got, f"a model {what} is noticed")
        seconds = time.monotonic() - since
        check(answer[0] == 503 and answer[2] == "false" and seconds <= LATE, f"a model that is {what}",
              f"{answer[0]} {answer[1]} after {seconds:.2f} s")
        stream.join()
        check(stream.outcome == ("error", "runtime_failed"), f"the stream of a model that is {what}",
              late(stream, since)[1])
        mend()
        recovers("a", time.monotonic())
    # As many bytes: whether they are others is known once all are read.
    replace(good[:-1] + b"x")
    said = subprocess.run(["tinyboxctl", "model", "verify", "model-a"], capture_output=True, text=True)
    check(said.returncode != 0 and "SHA-256" in said.stdout + said.stderr, "model verify finds other bytes")
    replace(good)
    command("tinyboxctl", "model", "verify", "model-a")
    recovers("a", time.monotonic())


def daemon():
    """The runtimes and the gateway do without tinyboxd."""
    for what, strike in (("a restart of tinyboxd", lambda: command("systemctl", "restart", "tinyboxd")),
                         ("kill -9 of tinyboxd", lambda: command("systemctl", "kill", "-s", "KILL", "tinyboxd"))):
        before = process("a"), shown("tinyboxd", "MainPID")
        stream = Stream("a", "count 60 50").begun()
        strike()
        stream.join()
        check(stream.outcome == ("done", "stop") and stream.text == clients.words(60), f"a stream during {what}",
              stream.outcome)
        until(lambda: shown("tinyboxd", "ActiveState") == "active" and shown("tinyboxd", "MainPID") != before[1],
              "tinyboxd runs again")
        check(state("a") == "ready" and answers("a") and process("a") == before[0], f"a goes on after {what}")


def gateway():
    processes = [process(name) for name in "ab"]
    stream = Stream("a", "count 60 50").begun()
    command("systemctl", "restart", "tinybox-gateway")
    stream.join()
    # It has ten seconds for the three that are left.
    whole = stream.outcome == ("done", "stop") and stream.text == clients.words(60)
    check(whole or (not NIGHTLY and stream.outcome == ("error", "shutting_down")),
          "a stream is answered to its end while the gateway restarts", stream.outcome)
    until(lambda: answers("a"), "the gateway answers")
    if NIGHTLY:
        stream = Stream("a", "count 10000 50").begun()
        since = time.monotonic()
        command("systemctl", "restart", "tinybox-gateway")
        stream.join()
        check(stream.outcome == ("error", "shutting_down"), "one that is too long for that ends with an error",
              late(stream, since)[1])
        until(lambda: answers("a"), "the gateway answers")
    stream = Stream("a", "count 1000 50").begun()
    os.kill(int(shown("tinybox-gateway", "MainPID")), signal.SIGKILL)
    since = time.monotonic()
    stream.join()
    right, detail = late(stream, since)
    check(right and stream.outcome[0] == "lost", "kill -9 of the gateway in a stream", detail)
    until(lambda: answers("a") and answers("b"), "the gateway answers again")
    check(True, "the gateway answers again by itself", f"after {time.monotonic() - since:.1f} s")
    check([process(name) for name in "ab"] == processes, "a and b are the same processes after all this")


def cycles(times):
    starts = set()
    for _ in range(times):
        until(lambda: state("c") == "idle" and shown(unit("c"), "ActiveState") == "inactive", "c is idle")
        since = time.monotonic()
        status, code, _ = ask("c", "hello")
        if status != 200:
            check(False, "c starts with a request", f"{status} {code}")
            return
        starts.add(process("c"))
        print(f"c answered {time.monotonic() - since:.2f} s after it was asked", flush=True)
    check(len(starts) == times, "cycles of idle and start, each a new process", len(starts))


def main():
    try:
        install()
        exposure()
        digests = [digest(f"model-{name}") for name in "ab"]
        isolation()
        with undisturbed("kill -9, a damaged model and restarts of tinyboxd"):
            killed()
            model_faults()
            daemon()
        stopped()
        gateway()
        cycles(10 if NIGHTLY else 1)
        check([digest(f"model-{name}") for name in "ab"] == digests, "hashes of the models are unchanged")
    except Exception as error:  # noqa: BLE001: whatever it was, the last line says that the run was not whole
        check(False, "the run ended early", repr(error))
    if wrong:
        print(subprocess.run(["journalctl", "--no-pager", "-n", "150", "-o", "short-monotonic"], capture_output=True,
                             text=True).stdout)
    print(f"END {checks} checks, {wrong} wrong", flush=True)


main()
