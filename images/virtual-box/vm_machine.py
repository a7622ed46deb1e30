"""Turns a machine description (tinybox.json, odd.json) into QEMU's arguments."""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Everything here was chosen by trying: no HPET and no legacy controllers save seconds at boot.
MACHINE = "q35,hpet=off,sata=off,smbus=off,i8042=off,usb=off,vmport=off"

KERNEL_ARGS = (
    "console=ttyS0 root=/dev/vda rw panic=-1 quiet loglevel=4 mitigations=off apparmor=0 audit=0"
    " nowatchdog no_timer_check cryptomgr.notests random.trust_cpu=on net.ifnames=0"
    " systemd.condition_needs_update=0 systemd.show_status=0"
)

# Models with an option ROM: without it the firmware is done sooner.
WITH_ROM = ("ati-vga", "igb", "e1000e", "virtio-net-pci")

# With memory above 4 GiB the firmware reserves 512 MiB of address space for each hotplug port,
# and a switch that also holds a display device then no longer fits ("out of 32bit address space").
MEMORY_LIMIT_MIB = 2816


class DescriptionError(Exception):
    """The machine description cannot be built."""


def load(profile):
    """The description of that name (tinybox, odd) or in that file."""
    path = HERE / f"{profile}.json"
    if not path.exists():
        path = Path(profile)
    try:
        return json.loads(path.read_text())
    except OSError as error:
        known = ", ".join(sorted(p.stem for p in HERE.glob("*.json")))
        raise DescriptionError(f"no profile '{profile}' (known: {known}) and no such file: {error.strerror}")
    except ValueError as error:
        raise DescriptionError(f"{path} is not JSON: {error}")


def devices(description):
    """Every (guest node or None, port or None, device) of the description; a switch comes before
    the devices below it. A port below a switch is one of its downstream ports."""
    for bus in description["buses"]:
        for device in bus.get("devices", []):
            yield bus["node"], None, device
        for port in bus.get("ports", []):
            yield from _below(bus["node"], port)


def _below(node, port):
    device = port.get("device")
    if not device:
        return
    yield node, port, device
    for function in port.get("functions", []):
        yield node, port, function
    for downstream in device.get("switch", []):
        yield from _below(node, downstream)


def root_ports(description):
    for bus in description["buses"]:
        for port in bus.get("ports", []):
            yield bus["node"], port


def mebibytes(size):
    number, unit = int(size[:-1]), size[-1]
    if unit not in "MG":
        raise DescriptionError(f"size '{size}' must end in M or G")
    return number * (1024 if unit == "G" else 1)


class Builder:
    """Collects QEMU's arguments for one description. `disks` and `sockets` are directories."""

    def __init__(self, description, disks, sockets):
        self.description = description
        self.disks = Path(disks)
        self.sockets = Path(sockets)
        self.args = []
        self.disk_sizes = {}
        self.chassis = 0

    def build(self):
        try:
            self._cpus_and_memory()
            self._iommu()
            self._cables()
            for bus in self.description["buses"]:
                self._bus(bus)
        except KeyError as error:
            raise DescriptionError(f"the description lacks {error}")
        return self.args

    def add(self, *words):
        self.args.extend(words)

    def _cpus_and_memory(self):
        cpu, nodes = self.description["cpu"], self.description["nodes"]
        total = sum(mebibytes(n["memory"]) for n in nodes if n["memory"])
        if total >= MEMORY_LIMIT_MIB:
            raise DescriptionError(f"{total} MiB of memory: must be below {MEMORY_LIMIT_MIB} (see README.md)")
        self.add("-cpu", cpu["model"], "-smp", cpu["smp"], "-m", f"{total}M")
        for node in nodes:
            number, backing = node["qemu"], ""
            if node["memory"]:
                self.add("-object", f"memory-backend-ram,id=mem{number},size={node['memory']}")
                backing = f",memdev=mem{number}"
            self.add("-numa", f"node,nodeid={number}{backing}")
        for node in nodes:
            for place in node["cpus"]:
                self.add("-numa", f"cpu,node-id={node['qemu']},{place}")
            for other, distance in zip(nodes, node["distances"]):
                self.add("-numa", f"dist,src={node['qemu']},dst={other['qemu']},val={distance}")

    def _iommu(self):
        kind = self.description["iommu"]
        if kind == "intel":      # the AMD model answers no device behind an expander bridge
            self.add("-device", "intel-iommu,intremap=on,caching-mode=on")
        elif kind != "none":
            raise DescriptionError(f"iommu '{kind}': must be intel or none")

    def _cables(self):
        for first, second in self.description.get("cables", []):
            for here, there in ((first, second), (second, first)):
                self.add("-netdev", f"dgram,id={here},local.type=unix,local.path={self.sockets}/{here},"
                                    f"remote.type=unix,remote.path={self.sockets}/{there}")

    def _bus(self, bus):
        name = "pcie.0"
        if bus["node"] is not None:
            name = f"pxb{bus['bus']}"
            self.add("-device", f"pxb-pcie,id={name},bus_nr=0x{bus['bus']},bus=pcie.0,"
                                f"numa_node={self._qemu_node(bus['node'])}")
        for device in bus.get("devices", []):
            self._device(device, name, f"{slot_of(device['address'])}.0")
        for port in bus.get("ports", []):
            self._root_port(port, name)

    def _qemu_node(self, guest):
        for node in self.description["nodes"]:
            if node["guest"] == guest:
                return node["qemu"]
        raise DescriptionError(f"no node that the guest calls {guest}")

    def _next_chassis(self):
        self.chassis += 1
        return f"chassis={self.chassis},slot={self.chassis}"

    def _root_port(self, port, bus):
        words = [f"pcie-root-port,id={port['id']},bus={bus},{self._next_chassis()},addr={slot_of(port['address'])}.0"]
        if "speed" in port:
            words.append(f"x-speed={port['speed']},x-width={port['width']}")
        if "options" in port:
            words.append(port["options"])
        self.add("-device", ",".join(words))
        others = port.get("functions", [])
        if "device" in port:
            self._device(port["device"], port["id"], "0.0,multifunction=on" if others else None)
        for number, function in enumerate(others, 1):
            self._device(function, port["id"], f"0.{number}")

    def _device(self, device, bus, place=None):
        if "switch" in device:
            self._switch(device, bus)
            return
        name = device["id"]
        words = [f"{device['driver']},id={name},bus={bus}"]
        if place:
            words.append(f"addr={place}")
        if device["driver"] in WITH_ROM:
            words.append("romfile=")
        if "disk" in device:
            self._disk(f"disk-{name}", device["disk"])
            words.append(f"drive=disk-{name}")
        if "net" in device:
            words.append(f"netdev={self._netdev(device)}")
        if "options" in device:
            words.append(device["options"])
        self.add("-device", ",".join(words))

    def _switch(self, switch, bus):
        name = switch["id"]
        self.add("-device", f"x3130-upstream,id={name},bus={bus}")
        for number, port in enumerate(switch["switch"]):
            below = f"{name}-{number}"
            self.add("-device", f"xio3130-downstream,id={below},bus={name},{self._next_chassis()},addr={number}.0")
            if "device" in port:
                self._device(port["device"], below)

    def _disk(self, name, size):
        path = self.disks / f"{name}.img"
        self.disk_sizes[path] = mebibytes(size) << 20
        self.add("-blockdev", f"driver=raw,node-name={name},cache.no-flush=on,discard=unmap,"
                              f"file.driver=file,file.filename={path}")

    def _netdev(self, device):
        if device["net"] != "user":
            return device["net"]
        self.add("-netdev", f"user,id=net-{device['id']}")
        return f"net-{device['id']}"


def slot_of(address):
    """0000:20:01.0 is slot 1 of its bus."""
    return address.split(":")[2].split(".")[0]
