#!/usr/bin/env python3
"""A stand-in for tinybox-gateway, for tests of the dashboard only: NOT the gateway.

It serves the real files of Sources/Gateway/Dashboard with the headers the gateway sends, and
the made-up JSON of made_up.py.

As a program it runs until it is stopped:  stand_in.py [--port 8686]
"""
import argparse
import copy
import json
import math
import pathlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from made_up import (
    BENCHMARKS, CHANGES, CHECK, EVENTS, HOSTILE, PLAN, model_metrics, now, runtimes, setup, status)

HERE = pathlib.Path(__file__).resolve().parent
FILES = HERE.parent.parent / "Sources/Gateway/Dashboard"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
PICTURE_CSP = ("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
               "frame-ancestors 'none'; sandbox")
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
       "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


class Box:
    """The made-up box, and what the tests change of it."""

    def __init__(self, is_moving=False, is_hostile=True):
        events = [self.event(number + 1, *event) for number, event in enumerate(EVENTS)]
        text = json.dumps([status(), events, BENCHMARKS])
        self.status, self.events, self.benchmarks = json.loads(
            text if is_hostile else text.replace(HOSTILE, "trainer"))
        if not is_hostile:
            self.status["drives"][3]["model"] = self.status["drives"][0]["model"]
        self.registry = runtimes()[1]
        self.setup = setup()
        self.metrics = model_metrics() if is_hostile else model_metrics().replace(HOSTILE, "c")
        # What the door answers to a chat: see `Handler.chat`. Keys that were sent, and bodies.
        self.key = None
        self.chats = []
        self.left = 0
        self.go_on = threading.Event()
        self.changes = copy.deepcopy(CHANGES)
        self.plan = copy.deepcopy(PLAN)
        self.is_away = False
        # What is wrong: a problem in place of readings, paths that are answered 503, a stream of
        # events that brings nothing.
        self.problem = None
        self.refused = set()
        self.is_mute = False
        self.is_moving = is_moving
        self.changed = threading.Condition()
        self.streams = 0
        self.requests = []
        self.beat = 0
        # Streams of an era before this one end.
        self.era = 0

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

    def replace_events(self, *messages):
        """The store of events was removed: the numbers start anew."""
        with self.changed:
            self.events = [self.event(number + 1, 0, "daemon.started", "info", None, message)
                           for number, message in enumerate(messages)]
            self.status["lastEvent"] = len(messages)
            self.changed.notify_all()

    def cut(self, *paths):
        """Ends all streams; those that begin with one of the paths are refused from now on."""
        with self.changed:
            self.refused = set(paths)
            self.beat += 1
            self.era += 1
            self.changed.notify_all()

    def go_away(self, is_away=True):
        """Ends all streams and answers 503, as a gateway does whose daemon is stopped."""
        with self.changed:
            self.is_away = is_away
            self.changed.notify_all()

    def reading(self):
        self.status["time"] = now()
        for device in self.status["interrupts"]:
            if device.get("numaNode") is not None and sum(device.get("handled", [])):
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
            elif url.path == "/metrics/models":
                self.answer(200, "text/plain; version=0.0.4", self.box.metrics.encode())
            else:
                self.file(url.path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.box.requests.append(self.path)
        try:
            if self.path == "/v1/chat/completions":
                self.chat(json.loads(body))
            else:
                self.answer(405, "text/plain", b"not here\n")
        except (BrokenPipeError, ConnectionResetError):
            self.box.left += 1
            self.close_connection = True

    def refuse(self, status, code, message):
        self.json(status, {"error": {"message": message, "type": "x", "param": None, "code": code}})

    def chat(self, body):
        """The door, as the gateway answers for it. The last message says what it is to do."""
        box = self.box
        box.chats.append((self.headers.get("Authorization"), body))
        wish = body["messages"][-1]["content"].split()[0]
        if box.key and self.headers.get("Authorization") != f"Bearer {box.key}":
            return self.refuse(403, "not_permitted", "This token is not for models.")
        if wish == "stopped":
            return self.refuse(503, "runtime_stopped", "The owner stopped the runtime 'llama'.")
        if wish == "broken":
            return self.answer(502, "text/html", b"<h1>no gateway</h1>")
        self.start_stream()

        def send(text):
            self.wfile.write(text.encode())
            self.wfile.flush()

        def chunk(text=None, ending=None):
            delta = {} if text is None else {"content": text}
            send("data: " + json.dumps({"choices": [
                {"index": 0, "delta": delta, "finish_reason": ending}]}) + "\n\n")
        if wish == "queue":
            send(": queued, position 3 of 7\n\n")
            box.go_on.wait(30)
        if wish == "forever":
            while not box.is_away:
                chunk("and ")
                time.sleep(0.02)
        elif wish == "hostile":
            for part in (HOSTILE[:6], HOSTILE[6:], " <script>alert(2)</script>", " **ü**\nend"):
                chunk(part)
        elif wish == "long":
            chunk("word " * 400 + "x" * 600)
        elif wish != "empty":
            chunk("Paris")
            time.sleep(0.1)
            chunk(" it is.")
        if wish == "crash":
            send('data: {"error":{"message":"The runtime failed.","type":"server_error","param":null,'
                 '"code":"runtime_failed"}}\n\ndata: [DONE]\n\n')
        elif wish != "cut":
            chunk(ending="length" if wish == "long" else "stop")
            send('data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}'
                 "\n\ndata: [DONE]\n\n")

    def answer(self, status, kind, body):
        self.send_response(status)
        for name, value in (
                ("Content-Type", kind), ("Content-Length", str(len(body))),
                ("Content-Security-Policy", PICTURE_CSP if "svg" in kind else CSP), ("X-Content-Type-Options", "nosniff"),
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
        if any(path.startswith(start) for start in box.refused):
            return self.json(503, {
                "schema": "tinybox.problem/1", "step": "start the stream",
                "cause": "too many are listening", "status": 503})
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
            "placement": {"schema": "tinybox.placement-status/1", "plan": {"changes": box.plan}},
            "daemon": {"schema": "tinybox.daemon/1", "version": "0.5", "mode": "observe"},
            "benchmarks/series": {"schema": "tinybox.benchmark-series/1", "series": box.benchmarks},
            "benchmarks/changes": {"schema": "tinybox.benchmark-changes/1", "changes": box.changes,
                                   "seriesCount": 5, "judgedCount": 3},
            "runtimes": box.registry, "setup": box.setup, "checks/link-width": CHECK}
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
        era = self.box.era
        self.start_stream()
        try:
            while not self.box.is_away and self.box.era == era:
                with self.box.changed:
                    name, text = "status", self.box.reading()
                    if self.box.problem:
                        name, text = "problem", json.dumps(self.box.problem)
                    beat = self.box.beat
                self.wfile.write(f"event: {name}\ndata: {text}\n\n".encode())
                self.wfile.flush()
                with self.box.changed:
                    self.box.changed.wait_for(
                        lambda: self.box.is_away or self.box.beat != beat, timeout=seconds)
        finally:
            self.box.streams -= 1

    def event_stream(self, after):
        era = self.box.era
        # Of numbers that are yet to come nothing is missed: what comes now is new.
        after = min(after, self.box.events[-1]["id"])
        self.start_stream()
        try:
            self.wfile.write(b": events\n\n")
            self.wfile.flush()
            while not self.box.is_away and self.box.era == era:
                with self.box.changed:
                    due = [event for event in self.box.events
                           if event["id"] > after and not self.box.is_mute]
                for event in due:
                    after = event["id"]
                    self.wfile.write(
                        f"id: {after}\nevent: event\ndata: {json.dumps(event)}\n\n".encode())
                if not due:
                    self.wfile.write(b": alive\n\n")
                self.wfile.flush()
                with self.box.changed:
                    self.box.changed.wait_for(
                        lambda: self.box.is_away or self.box.era != era
                        or not self.box.is_mute and self.box.events[-1]["id"] > after, timeout=1)
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
