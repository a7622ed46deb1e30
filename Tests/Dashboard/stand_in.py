#!/usr/bin/env python3
"""A stand-in for tinybox-gateway, for tests of the dashboard only: NOT the gateway.

It serves the real files of Sources/Gateway/Dashboard with the headers the gateway sends, and
made-up JSON in the shape of Sources/API for a box with 8 GPUs, 4 drives, 2 interfaces and 4
nodes. Some values are absent, as on a real box, and some names are hostile.

As a program it runs until it is stopped:  stand_in.py [--port 8686]
"""
import argparse
import copy
import json
import math
import pathlib
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HERE = pathlib.Path(__file__).resolve().parent
FILES = HERE.parent.parent / "Sources/Gateway/Dashboard"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
       "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
HOSTILE = "<img src=x onerror=alert(1)>"
GIB = 1 << 30


def now(milliseconds=True, ago=0):
    moment = datetime.now(timezone.utc) - timedelta(seconds=ago)
    return moment.isoformat(timespec="milliseconds" if milliseconds else "seconds").replace(
        "+00:00", "Z")


def link(speed, width, possible=None):
    current = f"{speed} GT/s x{width}"
    possible = possible or current
    return {"current": current, "possible": possible,
            "verdict": "full" if current == possible else "below"}


def gpus():
    result = []
    for index in range(8):
        node, card = divmod(index, 2)
        busy = [0.97, 0.99, 0.94, 0.62, 0.0, 0.004, 0.88, 0.91][index]
        gpu = {"address": f"0000:{node * 2}{card + 1}:00.0", "name": "AMD Radeon RX 7900 XTX",
               "numaNode": node, "link": link(16, 16), "busyShare": busy,
               "temperatureCelsius": [78, 81, 74, 92, 38, 37, 71, 73][index],
               "powerWatts": 14 + 300 * busy, "powerCapWatts": 327,
               "memoryTotalBytes": 24 * GIB,
               "memoryUsedBytes": int((0.9 * busy + 0.01) * 24 * GIB)}
        if index == 3:
            gpu["link"] = link(16, 8, "16 GT/s x16")
        if index == 5:
            # A driver that tells little: absent, not zero.
            for key in ("busyShare", "temperatureCelsius", "powerWatts", "memoryUsedBytes"):
                del gpu[key]
            gpu["link"] = {"verdict": "unknown"}
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
        "gpus": cards, "drives": disks, "nics": ports,
        "interrupts": interrupts(cards, disks, ports),
        "placement": {
            "mode": "observe", "ledger": "thisBoot", "held": 61, "gone": 0, "planned": 2,
            "drifted": [{"setting": "/proc/irq/131/smp_affinity_list", "subject": "eth0",
                         "desired": "18", "actual": "0-63"}]},
        "lastEvent": 7}


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


class Box:
    """The made-up box, and what the tests change of it."""

    def __init__(self, is_moving=False, is_hostile=True):
        events = [self.event(number + 1, *event) for number, event in enumerate(EVENTS)]
        text = json.dumps([status(), events])
        self.status, self.events = json.loads(
            text if is_hostile else text.replace(HOSTILE, "trainer"))
        if not is_hostile:
            self.status["drives"][3]["model"] = self.status["drives"][0]["model"]
        self.is_away = False
        self.is_moving = is_moving
        self.changed = threading.Condition()
        self.streams = 0
        self.requests = []
        self.beat = 0

    @staticmethod
    def event(number, ago, kind, severity, subject, message, cause=None):
        event = {"id": number, "time": now(ago=ago), "kind": kind, "severity": severity,
                 "message": message}
        if subject:
            event["subject"] = subject
        if cause:
            event["cause"] = cause
        return event

    def add_event(self, kind, severity, message, subject=None):
        with self.changed:
            number = self.events[-1]["id"] + 1
            self.events.append(self.event(number, 0, kind, severity, subject, message))
            self.status["lastEvent"] = number
            self.changed.notify_all()

    def change(self, edit):
        """Changes the status; all streams send it at once."""
        with self.changed:
            edit(self.status)
            self.beat += 1
            self.changed.notify_all()

    def go_away(self, is_away=True):
        """Ends all streams and answers 503, as a gateway does whose daemon is stopped."""
        with self.changed:
            self.is_away = is_away
            self.changed.notify_all()

    def reading(self):
        self.status["time"] = now()
        for device in self.status["interrupts"]:
            if device.get("numaNode") is not None and sum(device["handled"]):
                device["handled"][device["numaNode"]] += 1_800
        if self.is_moving:
            for index, gpu in enumerate(self.status["gpus"]):
                if gpu.get("busyShare", 0) > 0.1:
                    wave = math.sin(time.monotonic() / 5 + index)
                    gpu["busyShare"] = 0.85 + 0.14 * wave
                    gpu["powerWatts"] = 260 + 50 * wave
        return json.dumps(self.status)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    box: Box

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802 (the name is http.server's)
        url = urlsplit(self.path)
        self.box.requests.append(self.path)
        try:
            if url.path.startswith("/api/"):
                self.api(url.path.removeprefix("/api/v1/"), parse_qs(url.query))
            else:
                self.file(url.path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, status, kind, body):
        self.send_response(status)
        for name, value in (
                ("Content-Type", kind), ("Content-Length", str(len(body))),
                ("Content-Security-Policy", CSP), ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-cache"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Cross-Origin-Resource-Policy", "same-origin")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def file(self, path):
        name = "index.html" if path == "/" else path.removeprefix("/")
        file = FILES / name
        if "/" in name or name.startswith(".") or not file.is_file():
            return self.answer(404, "text/plain", b"not found\n")
        return self.answer(200, TYPES[file.suffix], file.read_bytes())

    def api(self, path, query):
        box = self.box
        if box.is_away:
            return self.json(503, {
                "schema": "tinybox.problem/1", "step": "ask tinyboxd",
                "cause": "/run/tinybox/api.sock: connection refused", "status": 503})
        if path == "status/stream":
            return self.status_stream(float(query.get("seconds", ["2"])[0]))
        if path == "events/stream":
            return self.event_stream(int(query.get("after", ["0"])[0]))
        if path == "topology.svg":
            return self.answer(200, "image/svg+xml", (HERE / "topology.svg").read_bytes())
        documents = {
            "status": box.status,
            "events": {"schema": "tinybox.events/1", "last": box.events[-1]["id"],
                       "events": box.events},
            "placement": {"schema": "tinybox.placement-status/1", "plan": {"changes": PLAN}},
            "daemon": {"schema": "tinybox.daemon/1", "version": "0.5", "mode": "observe"},
            "checks/link-width": CHECK}
        if path in documents:
            return self.json(200, documents[path])
        return self.json(404, {"schema": "tinybox.problem/1", "step": f"find {path}",
                               "cause": "there is no such operation", "status": 404})

    def json(self, status, document):
        self.answer(status, "application/json", json.dumps(document).encode())

    def start_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.box.streams += 1

    def status_stream(self, seconds):
        self.start_stream()
        try:
            while not self.box.is_away:
                with self.box.changed:
                    text = self.box.reading()
                    beat = self.box.beat
                self.wfile.write(f"event: status\ndata: {text}\n\n".encode())
                self.wfile.flush()
                with self.box.changed:
                    self.box.changed.wait_for(
                        lambda: self.box.is_away or self.box.beat != beat, timeout=seconds)
        finally:
            self.box.streams -= 1

    def event_stream(self, after):
        self.start_stream()
        try:
            while not self.box.is_away:
                with self.box.changed:
                    due = [event for event in self.box.events if event["id"] > after]
                for event in due:
                    after = event["id"]
                    self.wfile.write(
                        f"id: {after}\nevent: event\ndata: {json.dumps(event)}\n\n".encode())
                if not due:
                    self.wfile.write(b": alive\n\n")
                self.wfile.flush()
                with self.box.changed:
                    self.box.changed.wait_for(
                        lambda: self.box.is_away or self.box.events[-1]["id"] > after, timeout=1)
        finally:
            self.box.streams -= 1


def serve(box, port=0):
    """Starts the stand-in on the loopback; returns the server, whose port is `server_port`."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", port), type("BoxHandler", (Handler,), {"box": box}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8686)
    running = serve(Box(is_moving=True), parser.parse_args().port)
    print(f"stand-in (not the gateway) on http://127.0.0.1:{running.server_port}/", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
