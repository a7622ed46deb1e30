"""Runs `tinyboxctl COMMAND --watch` on a terminal of its own and tells what the terminal saw.

    watch.py PROGRAM key|term|resize COMMAND
Prints "exit STATUS", "echo off then on", "left yes|no" and the number of whole redraws.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time


def main():
    program, ending, command = sys.argv[1:4]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(program, [program, command, "--watch", "--interval", "0.2"])
    resize(terminal, 80, 24)
    seen = collect(terminal, until=b"\x1b[?1049h", seconds=20)
    seen += collect(terminal, seconds=1)
    before = termios.tcgetattr(terminal)[3] & termios.ECHO
    if ending == "resize":
        resize(terminal, 60, 12)
        seen += collect(terminal, seconds=1)
    if ending == "term":
        os.kill(pid, signal.SIGTERM)
    else:
        os.write(terminal, b"q")
    seen += collect(terminal, until=b"\x1b[?1049l", seconds=20)
    _, status = os.waitpid(pid, 0)
    echo = termios.tcgetattr(terminal)[3] & termios.ECHO
    print("exit", os.waitstatus_to_exitcode(status))
    print("echo", "on" if before else "off", "then", "on" if echo else "off")
    print("left", "yes" if seen.rstrip().endswith(b"\x1b[?1049l") and b"\x1b[?25h" in seen else "no")
    print("redraws", seen.count(b"\x1b[1;1H"))


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def collect(terminal, seconds, until=None):
    seen, deadline = b"", time.monotonic() + seconds
    while time.monotonic() < deadline and not (until and until in seen):
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    return seen


main()
