"""Chooses QEMU's accelerator: KVM only where a guest has been seen to run under it."""

import os
import select
import subprocess
import time
from pathlib import Path

import vm_machine

# With several threads the emulator hangs or aborts in a third of all boots; one thread never did.
TCG = "tcg,thread=single"
PROBE_SECONDS = 10
QEMU = "qemu-system-x86_64"


class AcceleratorError(Exception):
    """TINYBOX_VM_ACCEL is not one of the known words."""


def choose(image):
    """The -accel argument. TINYBOX_VM_ACCEL (tcg, kvm, auto) decides, auto if unset."""
    wanted = os.environ.get("TINYBOX_VM_ACCEL", "auto")
    if wanted == "tcg":
        return TCG
    if wanted == "kvm":
        return "kvm"
    if wanted != "auto":
        raise AcceleratorError(f"TINYBOX_VM_ACCEL is '{wanted}': must be tcg, kvm or auto")
    return "kvm" if _kvm_runs(Path(image)) else TCG


def machine(accelerator):
    """The -machine argument; interrupt remapping under KVM needs the split interrupt chip."""
    return vm_machine.MACHINE + (",kernel-irqchip=split" if accelerator == "kvm" else "")


def _kvm_runs(image):
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    verdict = image / f"accel-{boot}"
    if not verdict.exists():
        answer = "kvm" if _probe(image) else "tcg"
        try:
            verdict.write_text(answer + "\n")
        except OSError:
            return answer == "kvm"
    return verdict.read_text().strip() == "kvm"


def _probe(image):
    """/dev/kvm may open and the guest still hang, so boot the kernel as far as the initrd."""
    process = subprocess.Popen(
        [QEMU, "-accel", "kvm", "-machine", machine("kvm"), "-cpu", "EPYC-Milan", "-m", "256M", "-smp", "2",
         "-nodefaults", "-vga", "none", "-display", "none", "-no-reboot", "-serial", "stdio",
         "-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initrd.cpio"),
         "-append", "console=ttyS0 quiet panic=-1 vbox.probe"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        return _says_ok(process.stdout.fileno(), time.monotonic() + PROBE_SECONDS)
    finally:
        process.kill()
        process.wait()


def _says_ok(descriptor, deadline):
    heard = b""
    while b"VBOX-PROBE-OK" not in heard:
        ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        block = os.read(descriptor, 4096) if ready else b""
        if not block:
            return False
        heard += block
    return True
