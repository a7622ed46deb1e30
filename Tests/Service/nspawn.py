"""Boots a root filesystem in a container (systemd-nspawn), with nothing of it in the machine's own services.

TINYBOX_NSPAWN names systemd-nspawn where it is not on PATH.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

# A boot takes 10 to 30 s; other programs may want the machine meanwhile.
BOOT_SECONDS = 300


class Unbootable(Exception):
    """No box can be booted here, and why."""


def unshare(program, arguments):
    """Goes on with mounts of its own, which end with it. It starts the program anew, once."""
    if os.geteuid() != 0:
        raise Unbootable("only root can boot one")
    if "--unshared" not in arguments:
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, program, *arguments,
                              "--unshared"])


def find():
    program = os.environ.get("TINYBOX_NSPAWN") or shutil.which("systemd-nspawn")
    if not program:
        raise Unbootable("there is no systemd-nspawn (package systemd-container)")
    return program


def mount(*arguments):
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise Unbootable(f"cannot mount: {done.stderr.strip()}")


def boot(root, log, *more):
    """Boots what lies in `root`; its console goes to the file `log`. The process, and what `end` needs."""
    program = find()
    # systemd-nspawn keeps files in /run/systemd: not in that of this machine.
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    Path("/run/systemd").mkdir()
    command = [program, "--directory", root, "--register=no", "--keep-unit", "--boot", "--console=pipe", *more]
    made = groups()
    # With this process the box ends: systemd-nspawn shuts it down when it gets this signal.
    start = ["sh", "-c", 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"', "sh",
             *made, "--", "setpriv", "--pdeathsig", "TERM", *command]
    with open(log, "wb") as console:
        process = subprocess.Popen([str(word) for word in start], stdin=subprocess.DEVNULL, stdout=console,
                                   stderr=console)
    return process, made


def follow(process, output, log, seconds):
    """Prints what the box reports, and returns its last line."""
    shown, begun, line = 0, time.monotonic(), ""
    while True:
        text = output.read_text(errors="replace") if output.exists() else ""
        end = text.rfind("\n") + 1
        if end > shown:
            print(text[shown:end], end="", flush=True)
            line = text[:end].splitlines()[-1]
            shown = end
        if line.startswith("END "):
            return line
        if process.poll() is not None or (not shown and time.monotonic() - begun > BOOT_SECONDS):
            why = f"systemd-nspawn ended ({process.returncode})" if process.poll() is not None else "it does not boot"
            if shown:
                return f"END {why}"
            raise Unbootable(f"{why}:\n" + log.read_text(errors="replace")[-2000:])
        if time.monotonic() - begun > seconds:
            return f"END not within {seconds} s"
        time.sleep(0.2)


def groups():
    """Control groups of the box's own: two boxes in one would take each other's services for theirs."""
    made = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, kind, path = line.split(":", 2)
        top = Path("/sys/fs/cgroup")
        if kind == "name=systemd":
            top /= "systemd"
        elif kind:
            continue
        elif not (top / "cgroup.procs").exists():
            top /= "unified"
        folder = top / path.strip("/") / f"tinybox-box-{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir()
            made.append(folder)
    return made


def end(process, made):
    """Ends the box with all that runs in it, and removes its control groups."""
    if not made:
        process.terminate()
    # systemd-nspawn alone would leave the others behind.
    for _ in range(100):
        for group in made:
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError, ValueError):
                    for line in Path(folder, "cgroup.procs").read_text().split():
                        os.kill(int(line), signal.SIGKILL)
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
        if process.poll() is not None and not any(group.exists() for group in made):
            return
        time.sleep(0.1)
    process.kill()
    process.wait()
