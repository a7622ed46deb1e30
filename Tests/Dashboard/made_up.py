"""The made-up box of the stand-in: 8 GPUs, 4 drives, 2 interfaces and 4 nodes, in the shape of
Sources/API. Some values are absent, as on a real box, and some names are hostile.
"""
import copy
from datetime import datetime, timedelta, timezone

HOSTILE = "<img src=x onerror=alert(1)>"
GIB = 1 << 30


def now(milliseconds=True, ago=0):
    moment = datetime.now(timezone.utc) - timedelta(seconds=ago)
    return moment.isoformat(timespec="milliseconds" if milliseconds else "seconds").replace(
        "+00:00", "Z")


GENERATIONS = {2.5: "1.0", 8: "3.0", 16: "4.0"}


def rate(speed, width):
    coding = 0.8 if speed <= 5 else 128 / 130
    return {"name": f"PCIe {GENERATIONS[speed]} x{width}", "gigatransfersPerSecond": speed,
            "width": width, "bytesPerSecond": speed * 1e9 * coding * width / 8}


def link(speed, width, possible=None, resting=False):
    """A link that runs at a rate; possible is (speed, width) where that is another one."""
    current, most = rate(speed, width), rate(*(possible or (speed, width)))
    made = {"current": current, "possible": most, "isResting": resting,
            "verdict": "full" if current == most else "below"}
    if current != most:
        made["limiting"] = {"port": "0000:00:01.1", "device": "0000:01:00.0", "current": current,
                            "possible": most}
    return made


def gpus():
    result = []
    for index in range(8):
        node, card = divmod(index, 2)
        busy = [0.97, 0.99, 0.94, 0.62, 0.0, 0.004, 0.88, 0.91][index]
        gpu = {"number": index, "isIdle": busy < 0.05, "address": f"0000:{node * 2}{card + 1}:00.0", "name": "AMD Radeon RX 7900 XTX",
               "numaNode": node, "link": link(16, 16), "busyShare": busy,
               "temperatureCelsius": [78, 81, 74, 92, 38, 37, 71, 73][index],
               "powerWatts": 14 + 300 * busy, "powerCapWatts": 327,
               "memoryTotalBytes": 24 * GIB,
               "memoryUsedBytes": int((0.9 * busy + 0.01) * 24 * GIB)}
        if index == 3:
            gpu["link"] = link(16, 8, (16, 16))
        if index == 5:
            # A driver that tells little: absent, not zero.
            for key in ("busyShare", "isIdle", "temperatureCelsius", "powerWatts", "memoryUsedBytes"):
                del gpu[key]
            gpu["link"] = {"verdict": "unknown", "isResting": False}
        result.append(gpu)
    return result


def drives():
    result = []
    for node in range(4):
        result.append({
            "name": f"nvme{node}", "address": f"0000:{node * 2}3:00.0",
            "model": HOSTILE if node == 3 else "Samsung SSD 990 PRO 2TB", "numaNode": node,
            "link": link(16, 4), "state": "live", "temperatureCelsius": 41 + 2 * node,
            "capacityBytes": 2_000_398_934_016, "lifeUsedShare": 0.03 * node})
    del result[2]["lifeUsedShare"], result[2]["temperatureCelsius"]
    return result


def nics():
    up = {"name": "eth0", "address": "0000:44:00.0", "model": "Mellanox MT2892 [ConnectX-6 Dx]",
          "numaNode": 2, "link": link(16, 16), "speedBitsPerSecond": 100_000_000_000,
          "carrier": True, "operationalState": "up"}
    down = dict(up, name="eth1", address="0000:64:00.0", numaNode=3, carrier=False,
                operationalState="down")
    del down["speedBitsPerSecond"]
    return [up, down]


def interrupts(gpus, drives, nics):
    result = []
    for index, device in enumerate(gpus + drives + nics):
        handled = [0, 0, 0, 0]
        node = device["numaNode"]
        handled[node] = 120_000 * (index + 1)
        if index % 3 == 1:
            handled[(node + 1) % 4] = 31_000 * index
        if index == 5:
            handled = [0, 0, 0, 0]
        name = device["name"] if device in drives + nics else f"GPU {device['address'][5:]}"
        result.append({"device": device["address"], "name": name, "numaNode": node,
                       "handled": handled})
    # Nobody tells where this one sits.
    result.append({"device": "0000:65:00.0", "name": "xhci_hcd", "handled": [900, 14, 3, 250]})
    return result


FINDINGS = [
    {"check": "link-width", "subject": "GPU 22:00.0", "address": "0000:22:00.0",
     "verdict": "fail", "summary": "runs at x8, card and slot can do x16",
     "advice": "Seat the card and its riser again, then boot."},
    {"check": "irqbalance", "verdict": "warn",
     "summary": "irqbalance runs and moves interrupts without regard to their device's node",
     "advice": "Stop irqbalance, or apply the placement: it then leaves placed interrupts alone."},
    {"check": "container-node", "subject": HOSTILE, "verdict": "warn",
     "summary": f"container {HOSTILE} has its memory on node 2 and its GPU on node 0",
     "advice": "Start it with 'tinyboxctl run --gpus 1'."},
]


def status():
    cards, disks, ports = gpus(), drives(), nics()
    return {
        "schema": "tinybox.status/1", "time": now(), "hostName": "box1",
        "machine": "ASRockRack ROMED8-2T", "kernel": "6.12.41+deb13-amd64",
        "processor": "AMD EPYC 7532 32-Core Processor", "uptimeSeconds": 1_054_321,
        "verdict": "fail",
        "checks": {"pass": 41, "warn": 2, "fail": 1, "unknown": 4, "notApplicable": 11},
        "findings": copy.deepcopy(FINDINGS), "cpuBusyShare": 0.071,
        "memoryTotalBytes": 503 * GIB, "memoryAvailableBytes": 312 * GIB,
        "nodes": [
            dict({"node": node, "cpus": f"{node * 8}-{node * 8 + 7},{32 + node * 8}-"
                  f"{39 + node * 8}", "memoryTotalBytes": 126 * GIB},
                 **({} if node == 3 else {"memoryFreeBytes": (30 + 27 * node) * GIB}))
            for node in range(4)],
        "gpus": cards, "drives": disks, "nics": ports, "runtimes": runtimes()[0],
        "interrupts": interrupts(cards, disks, ports),
        "placement": {
            "mode": "observe", "ledger": "thisBoot", "held": 61, "gone": 0, "planned": 2,
            "drifted": [{"setting": "/proc/irq/131/smp_affinity_list", "subject": "eth0",
                         "desired": "18", "actual": "0-63"}]},
        "lastEvent": 7}


def setup(state="not-started", **stages):
    """The status of set-up, with what is given of each stage."""
    names = ["identify", "check", "storage", "network", "driver", "runtime", "model", "baseline", "ready"]
    return {
        "schema": "tinybox.setup/1", "state": state, "answers": "/etc/tinybox/setup.toml",
        "stages": [{"stage": name, "state": "waiting", "steps": [], "notes": [], **stages.get(name, {})}
                   for name in names]}


def runtimes():
    """Runtimes of a reading, and the registry with what they serve."""
    since = now(ago=7_300)
    read = [
        {"name": "big", "model": "big-70b", "state": "failed", "reason": f"it ended with {HOSTILE}",
         "since": since, "gpus": ["0000:41:00.0", "0000:42:00.0"], "restarts": 5},
        {"name": "llama", "model": "llama-3.1-8b-q8", "state": "ready", "since": since,
         "gpus": ["0000:01:00.0"], "memoryNodes": "0", "restarts": 0},
        {"name": "train", "state": "ready", "since": since, "gpus": ["0000:61:00.0"]},
        {"name": "whisper", "state": "idle", "since": since, "gpus": []}]
    apis = {"big": ["chat"], "llama": ["chat"], "whisper": ["transcriptions"]}
    written = {"schema": "tinybox.runtimes/1", "written": since, "instances": [
        dict(one, backend="tinygrad-0.13.0", apis=apis[one["name"]], slots=1, created=1,
             socket=f"/run/tinybox-runtimes/{one['name']}.sock", onDemand=one["state"] == "idle")
        for one in read if one["name"] in apis],
        "jobs": [{"name": "train", "state": "ready", "since": since, "step": 120, "steps": 600,
                  "stepsPerSecond": 3.1}]}
    return read, written


def model_metrics(tokens=5_210, first=(12.6, 30)):
    """What the gateway measures of models, as Prometheus reads it."""
    return f"""# HELP tinybox_model_requests_total Requests for a model that have ended.
# TYPE tinybox_model_requests_total counter
tinybox_model_requests_total{{model="llama"}} 34
tinybox_model_requests_total{{model="a \\"b\\" {HOSTILE}"}} 1
tinybox_model_tokens_total{{model="llama"}} {tokens}
tinybox_model_tokens_total{{model="a \\"b\\" {HOSTILE}"}} 0
tinybox_model_errors_total{{model="llama",code="client_left"}} 2
tinybox_model_errors_total{{model="llama",code="queue_full"}} 1
tinybox_model_errors_total{{model="llama",code="runtime_failed"}} 3
tinybox_model_queue_requests{{queue="llama-3.1-8b-q8"}} 2
tinybox_model_active_requests{{queue="llama-3.1-8b-q8"}} 1
tinybox_model_first_token_seconds_bucket{{model="llama",le="+Inf"}} {first[1]}
tinybox_model_first_token_seconds_sum{{model="llama"}} {first[0]}
tinybox_model_first_token_seconds_count{{model="llama"}} {first[1]}
"""


EVENTS = [
    (86_500, "daemon.started", "info", None, "tinyboxd 0.5 watches this machine", None),
    (5_000, "container.started", "info", HOSTILE, f"container {HOSTILE} started", None),
    (3_100, "placement.applied", "notice", None, "62 settings were placed", None),
    (900, "irqbalance.started", "warning", "irqbalance", "irqbalance was started",
     "systemd (process 1)"),
    (640, "placement.drift", "warning", "eth0",
     "interrupt 131 of eth0 may go to CPUs 0-63, placed on 18", "irqbalance (process 812)"),
    (320, "check.worse", "error", "link-width", "link-width: pass is now fail", None),
    (318, "check.worse", "warning", "GPU 22:00.0",
     "link of GPU 22:00.0 runs at 16 GT/s x8, both ends can do 16 GT/s x16", None),
]

PLAN = [
    {"knob": {"kind": "interrupt", "format": "list",
              "path": "/proc/irq/131/smp_affinity_list"}, "subject": "eth0",
     "device": "0000:44:00.0", "old": "0-63", "new": "18", "isRevertible": True,
     "why": "queue 3 of eth0 belongs on node 2, where the card is"},
    {"knob": {"kind": "file", "format": "mask", "path": "/sys/class/net/eth0/queues/tx-3/xps_cpus"},
     "subject": "eth0", "new": "18,50", "isRevertible": True,
     "why": "what CPU 18 sends leaves by the queue whose interrupt it handles"},
]

CHECK = {
    "schema": "tinybox.health/1",
    "findings": [dict(FINDINGS[0], evidence=[
        {"fact": "pci[22:00.0].link.current.width", "value": "8",
         "path": "/sys/bus/pci/devices/0000:22:00.0/current_link_width", "isMissing": False}],
        consequence="Copies between this GPU and the host take twice as long: 15.8 GB/s "
        "instead of 31.5.",
        advice=[{"text": "Seat the card and its riser again, then boot.", "commands": [],
                 "needsReboot": True, "risk": "The box is off for a while."},
                {"text": "See whether the link was trained with errors.",
                 "commands": ["tinyboxctl devices 22:00.0"], "needsReboot": False}])]}


def series(key, metric, subject, unit, values, ceiling=None, better="higher", change=None):
    """A series of benchmarks with its last figures, one a week."""
    points = [{"time": now(ago=604_800 * (len(values) - index)), "value": value, "run": f"r{index}",
               "isQuick": False, "contextChange": []} for index, value in enumerate(values)]
    made = {"series": {"key": key, "suite": key.split(".")[0], "metric": metric, "subject": subject,
                       "unit": unit, "better": better}, "count": len(values), "recent": points}
    if len(values) > 8:
        before = sorted(values[-9:-1])
        made["medianBefore"] = (before[3] + before[4]) / 2
    if ceiling:
        made["ceiling"] = ceiling
    if change:
        made["change"] = change
    return made


def change(number, key, verdict, before, after, explanation=()):
    return {"id": number, "series": key, "time": now(ago=1_209_600), "foundAt": now(ago=604_800),
            "before": before, "after": after, "z": -9.5, "verdict": verdict,
            "explanation": list(explanation), "acknowledged": False}


LINK = ["22:00.0 link: PCIe 4.0 x16 to PCIe 4.0 x8"]
CHANGES = [
    change(3, "memory.latency/cpu0-memory3", "suspicion", 1.31e-7, 1.45e-7),
    change(4, "gpu.host-to-device/GPU-1", "decline", 26.1e9, 13.2e9, LINK),
    change(5, "gpu.device-to-host/GPU-1", "decline", 26.4e9, 13.1e9, LINK)]
BENCHMARKS = [
    series("gpu.device-to-host/GPU-1", "device-to-host", "GPU 22:00.0", "bytesPerSecond",
           [26.4e9 + 1e7 * (week % 5) for week in range(23)] + [13.1e9, 13.1e9, 13.12e9], 31.5e9,
           change=CHANGES[2]),
    series("gpu.host-to-device/GPU-1", "host-to-device", "GPU 22:00.0", "bytesPerSecond",
           [26.1e9 + 1e7 * (week % 7) for week in range(23)] + [13.2e9, 13.2e9, 13.2e9], 31.5e9,
           change=CHANGES[1]),
    series("memory.latency/cpu0-memory3", "latency", HOSTILE, "seconds",
           [1.31e-7, 1.30e-7, 1.45e-7], better="lower", change=CHANGES[0]),
    series("memory.triad/cpu0-memory0", "triad", "CPUs of node 0, memory of node 0",
           "bytesPerSecond", [38.2e9 + 2e8 * (week % 3) for week in range(26)], 51.2e9),
    series("nvme.read/S1", "read", "nvme0", "operationsPerSecond", [812_000]),
    # Nothing of it counts yet.
    series("nvme.write/S1", "write", "nvme0", "operationsPerSecond", [])]
