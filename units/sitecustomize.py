"""Read by Python before any other program of a model runtime of tinybox (PYTHONPATH).

tinygrad 0.13.0 opens a model with O_RDWR | O_CREAT and maps it shared and writable, although it only reads it
(tinygrad/runtime/ops_disk.py). A model belongs to root and has mode 0444, so that no runtime can change it: here
such a file is opened for reading, and mapped so that a write would change a private copy.

TINYBOX_MODELS names the folder of the models; nothing else is touched.
"""
import mmap
import os


def _install(folder):
    folder = os.path.realpath(folder) + "/"
    plain_open, plain_map = os.open, mmap.mmap

    def is_model(path):
        try:
            return os.path.realpath(os.fsdecode(path)).startswith(folder)
        except (TypeError, ValueError):
            return False

    def open_model(path, flags, mode=0o777, *, dir_fd=None):
        if dir_fd is None and not isinstance(path, int) and is_model(path):
            flags &= ~(os.O_ACCMODE | os.O_CREAT | os.O_TRUNC)
        return plain_open(path, flags, mode, dir_fd=dir_fd)

    class Map(plain_map):
        def __new__(cls, fileno, length, *rest, **named):
            try:
                return super().__new__(cls, fileno, length, *rest, **named)
            except PermissionError:
                if fileno < 0 or not is_model(f"/proc/self/fd/{fileno}"):
                    raise
                offset = named.get("offset", 0)
                return super().__new__(cls, fileno, length, access=mmap.ACCESS_COPY, offset=offset)

    os.open, mmap.mmap = open_model, Map


if os.environ.get("TINYBOX_MODELS"):
    _install(os.environ["TINYBOX_MODELS"])
