"""Attaches this terminal to the serial console of a running box."""

import os
import select
import shutil
import sys
import termios
import tty

DETACH = b"\x1d"     # Ctrl-]


def attach(guest):
    """Copies keys and screen until Ctrl-] or the end of the guest."""
    print("console of the virtual box; Ctrl-] leaves it", file=sys.stderr)
    size = shutil.get_terminal_size()
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard) if sys.stdin.isatty() else None
    with guest.connect("serial") as line:
        line.sendall(f" stty rows {size.lines} cols {size.columns}\r".encode())
        try:
            if before:
                tty.setraw(keyboard)
            _copy(keyboard, line)
        finally:
            if before:
                termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
            print()
    return 0


def _copy(keyboard, line):
    while True:
        ready, _, _ = select.select([keyboard, line], [], [])
        if line in ready:
            block = line.recv(4096)
            if not block:
                return
            os.write(sys.stdout.fileno(), block)
        if keyboard in ready:
            typed = os.read(keyboard, 1024)
            if not typed or DETACH in typed:
                return
            line.sendall(typed)
