"""A running virtual box: boots it, runs commands in it, talks to QEMU, ends it.

A box lives in a work directory: state.json (process, sockets, description), the NVMe disks, the
logs, ctl/ (the share through which commands and their output travel) and, if it is to survive a
power cut, root.img.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import vm_accel
import vm_machine

SOCKET_PATH_LIMIT = 80      # the kernel takes 107 bytes, the longest name here has about 15
TIMED_OUT = 124
NO_GUEST = 125
POLL = 0.05


class GuestError(Exception):
    """The guest did not come up, is gone or does not answer."""


def say(text):
    print(f"vm: {text}", file=sys.stderr, flush=True)


class Guest:
    def __init__(self, work):
        self.work = Path(work).resolve()
        self.control = self.work / "ctl"
        self.state_file = self.work / "state.json"
        self.state = json.loads(self.state_file.read_text()) if self.state_file.exists() else {}
        self.process = None

    # Coming up

    def start(self, image, profile, share, append="", persist=False, reboot=False,
              boot_timeout=100, tries=3, tied=True):
        """Boots until the guest says it is up. Tied: QEMU ends when this process does."""
        if self.running():
            raise GuestError(f"a box is already running in {self.work}")
        description = vm_machine.load(profile)
        self.control.mkdir(parents=True, exist_ok=True)
        sockets = self._socket_directory()
        builder = vm_machine.Builder(description, self.work, sockets)
        command = self._command(builder, Path(image), Path(share), append, persist, reboot)
        for path, size in builder.disk_sizes.items():
            if not path.exists():
                path.touch()
                os.truncate(path, size)
        self.state = {"profile": str(profile), "sockets": str(sockets), "share": str(share), "persist": persist}
        for attempt in range(1, tries + 1):
            if self._boot(command, boot_timeout, attempt, tied):
                return description
        raise GuestError(f"the guest never came up in {tries} boots; see {self.work}/serial.log and firmware.log")

    def _socket_directory(self):
        if len(str(self.work)) <= SOCKET_PATH_LIMIT:
            return self.work
        old = self.state.get("sockets", "")
        return Path(old if os.path.isdir(old) else tempfile.mkdtemp(prefix="vbox-", dir="/tmp"))

    def _command(self, builder, image, share, append, persist, reboot):
        accelerator = vm_accel.choose(image)
        iommu = "intel_iommu=on" if builder.description["iommu"] == "intel" else ""
        arguments = [vm_machine.KERNEL_ARGS, iommu, builder.description.get("kernel_args", ""), append]
        return [
            vm_accel.QEMU, "-accel", accelerator, "-machine", vm_accel.machine(accelerator),
            "-nodefaults", "-vga", "none", "-display", "none", *([] if reboot else ["-no-reboot"]),
            *builder.build(),
            "-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initrd.cpio"),
            "-append", " ".join(word for word in arguments if word),
            "-drive", self._root_disk(image, persist), "-device", "virtio-blk-pci,drive=root,bus=pcie.0,addr=1e.0",
            *self._share("vbox", share, "1d"), *self._share("vboxctl", self.control, "1b"),
            "-device", "virtio-serial-pci,bus=pcie.0,addr=1c.0",
            "-chardev", f"socket,id=cmd,path={builder.sockets}/cmd,server=on,wait=off",
            "-device", "virtserialport,chardev=cmd,name=vbox.cmd",
            "-chardev", f"socket,id=serial,path={builder.sockets}/serial,server=on,wait=off,logfile={self.work}/serial.log",
            "-serial", "chardev:serial", "-monitor", "none", "-qmp", f"unix:{builder.sockets}/qmp,server=on,wait=off",
            "-chardev", f"file,id=firmware,path={self.work}/firmware.log",
            "-device", "isa-debugcon,iobase=0x402,chardev=firmware",
        ]

    def _root_disk(self, image, persist):
        if not persist:
            return f"file={image}/root.img,if=none,id=root,format=raw,cache=unsafe,snapshot=on"
        own = self.work / "root.img"
        if not own.exists():     # a journal, which the shared image lacks, lets it survive a power cut
            fresh = self.work / "root.new"
            subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(image / "root.img"), str(fresh)], check=True)
            subprocess.run(["tune2fs", "-j", str(fresh)], check=True, stdout=subprocess.DEVNULL)
            fresh.rename(own)
        return f"file={own},if=none,id=root,format=raw,cache=writeback"

    @staticmethod
    def _share(tag, path, slot):
        return ["-fsdev", f"local,id={tag},path={path},security_model=none",
                "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag},bus=pcie.0,addr={slot}.0"]

    def _boot(self, command, timeout, attempt, tied):
        self._clean()
        begun = time.monotonic()
        with open(self.work / "qemu.log", "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=_die_with_parent if tied else None)
        self.state.update(pid=self.process.pid, started=_start_time(self.process.pid))
        self.state_file.write_text(json.dumps(self.state, indent=2) + "\n")
        while self.process.poll() is None and time.monotonic() - begun < timeout:
            if (self.control / "up").exists():
                say(f"up after {time.monotonic() - begun:.0f} s ({command[2]})")
                return True
            time.sleep(POLL)
        ended = "QEMU ended" if self.process.poll() is not None else "no sign of life"
        say(f"boot {attempt}: {ended} after {time.monotonic() - begun:.0f} s{self._last_words()}")
        self.kill()
        return False

    def _clean(self):
        for name in ("cmd", "serial", "qmp"):
            (Path(self.state["sockets"]) / name).unlink(missing_ok=True)
        for name in Path(self.state["sockets"]).glob("cable*"):
            name.unlink()
        shutil.rmtree(self.control)
        self.control.mkdir()

    def _last_words(self):
        lines = (self.work / "qemu.log").read_text(errors="replace").splitlines()
        lines = [line for line in lines if "TCG doesn't support requested feature" not in line]
        return "".join(f"\n  {line}" for line in lines[-3:])

    def set_up(self, description):
        """The description's own commands: what only the running guest can arrange."""
        for command in description.get("setup", []):
            status = self.execute(command, output=sys.stderr.buffer, timeout=120)
            if status:
                raise GuestError(f"the setup command '{command}' failed with {status}")

    # Running

    def running(self):
        pid = self.state.get("pid")
        if self.process and self.process.poll() is not None:
            return False
        return bool(pid) and _start_time(pid) == self.state.get("started")

    def execute(self, command, output=None, timeout=None, script=None):
        """Runs a command as root in the guest, copies its output as it comes, returns its status."""
        job = self.control / uuid.uuid4().hex
        job.mkdir()
        if script:
            shutil.copyfile(script, job / "script")
            (job / "script").chmod(0o755)
            command = f"exec /run/vbox-ctl/{job.name}/script"
        (job / "cmd").write_text(command + "\n")
        try:
            self._ring("run", job)
            return self._follow(job, output or sys.stdout.buffer, timeout)
        except BaseException:
            with contextlib.suppress(OSError):
                self._send(f"kill {job.name}\n")
            raise
        finally:
            shutil.rmtree(job, ignore_errors=True)

    def _ring(self, verb, job):
        """The guest misses a line now and then while nobody was connected: ring until it answers."""
        for _ in range(10):
            with self.connect("cmd") as line:
                line.sendall(f"{verb} {job.name}\n".encode())
                for _ in range(int(5 / POLL)):
                    if (job / "started").exists():
                        return
                    self._must_run()
                    time.sleep(POLL)
        raise GuestError("the guest does not answer")

    def _send(self, text):
        with self.connect("cmd") as line:
            line.sendall(text.encode())
            time.sleep(0.3)

    def connect(self, name):
        self._must_run()
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(f"{self.state['sockets']}/{name}")
        except OSError as error:
            line.close()
            raise GuestError(f"cannot reach the box in {self.work}: {error.strerror}")
        return line

    def _must_run(self):
        if not self.running():
            raise GuestError(f"no box is running in {self.work}")

    def _follow(self, job, output, timeout):
        deadline = time.monotonic() + timeout if timeout else None
        position = 0
        while True:
            finished = (job / "rc").exists()
            position = _copy_from(job / "out", position, output)
            if finished:
                return int((job / "rc").read_text())
            self._must_run()
            if deadline and time.monotonic() > deadline:
                self._send(f"kill {job.name}\n")
                say(f"still running after {timeout} s, ended")
                return TIMED_OUT
            time.sleep(POLL)

    # Talking to QEMU

    def qmp(self, request, listen=0.0):
        """Sends one request; returns the answer and the events of the next `listen` seconds."""
        with self.connect("qmp") as line, line.makefile("rw") as stream:
            stream.readline()
            events = []
            _converse(stream, {"execute": "qmp_capabilities"}, events)
            answer = _converse(stream, request, events)
            line.settimeout(0.1)
            deadline = time.monotonic() + listen
            pending = b""
            while time.monotonic() < deadline:
                with contextlib.suppress(TimeoutError):
                    block = line.recv(65536)
                    if not block:
                        break
                    pending += block
            events += [json.loads(text) for text in pending.splitlines() if text.strip()]
            return answer, events

    def hmp(self, text):
        answer, _ = self.qmp({"execute": "human-monitor-command", "arguments": {"command-line": text}})
        return answer

    # Ending

    def stop(self, patience=60):
        """Orderly where the root filesystem is to be used again, else at once."""
        if self.running() and self.state.get("persist"):
            with contextlib.suppress(GuestError):
                self.execute("sync; systemctl poweroff", timeout=10)
            deadline = time.monotonic() + patience
            while self.running() and time.monotonic() < deadline:
                time.sleep(POLL)
        self.kill(signal.SIGTERM)

    def kill(self, number=signal.SIGKILL):
        """Ends this box's QEMU and no other process: the pid counts only with its start time."""
        for each in (number, signal.SIGKILL):
            if not self.running():
                break
            os.kill(self.state["pid"], each)
            for _ in range(int(5 / POLL)):
                if not self.running():
                    break
                time.sleep(POLL)
        if self.process:
            self.process.wait()

    def forget(self):
        """Removes what start left outside the work directory."""
        sockets = self.state.get("sockets")
        if sockets and Path(sockets) != self.work:
            shutil.rmtree(sockets, ignore_errors=True)


def _converse(stream, request, events):
    stream.write(json.dumps(request) + "\n")
    stream.flush()
    while True:
        text = stream.readline()
        if not text:
            raise GuestError("QEMU closed its monitor")
        message = json.loads(text)
        if "event" not in message:
            return message
        events.append(message)


def _copy_from(path, position, output):
    try:
        with open(path, "rb") as file:
            file.seek(position)
            while block := file.read(1 << 16):
                output.write(block)
                position += len(block)
    except FileNotFoundError:
        return position
    output.flush()
    return position


def _start_time(pid):
    """When that process began, in clock ticks; None if there is none (or only its remains)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _die_with_parent():
    parent_death_signal = 1
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL)
