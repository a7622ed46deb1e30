#!/usr/bin/env python3
"""A STAND-IN for tinyboxd: answers with recorded documents on a Unix socket. Not the daemon.

    stand_in.py SOCKET [--plant VIOLATION]
    stand_in.py --plants    what can be planted, and how schemathesis numbers it

For trying Tests/Contract/run itself: a run against it must pass, and one against it with a planted
violation must not. It follows docs/openapi.json, so it says nothing about what the daemon does.
"""
import argparse
import json
import os
import socketserver
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, unquote, urlsplit

from contract import PREFIX, ROOT, Contract

GOLDEN = ROOT / "Tests/Golden/virtual-tinybox"
RECORDED = {"Inventory": "devices.json", "HealthReport": "check.json", "PeerToPeerDocument": "p2p.json",
            "InterruptsDocument": "interrupts.json", "Plan": "placement-plan.json",
            "DeviceDocument": "device-22.00.0.json"}
RECORDED_DEVICES = {device["address"] for device in json.loads((GOLDEN / "p2p.json").read_text())["devices"]}
RECORDED_CHECKS = set(json.loads((GOLDEN / "check.json").read_text())["checks"])
KNOWN = {"id": RECORDED_CHECKS, **dict.fromkeys(["name", "device", "initiator", "target"], RECORDED_DEVICES)}
# What can be planted, and what schemathesis calls it.
PLANTS = {
    "missing-key": "ST108", "unknown-key": "ST108", "wrong-type": "ST108", "server-error": "ST101",
    "undocumented-status": "ST103", "wrong-media-type": "ST105", "accepts-anything": "ST201",
    "no-allow": "ST204", "no-wrong-method": "ST204",
}


class Failure(Exception):
    def __init__(self, status, cause, headers=()):
        self.status, self.cause, self.headers = status, cause, headers


class StandIn(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    contract = Contract()
    plant = None

    def log_message(self, *_):
        pass

    def address_string(self):
        return "unix"

    def document(self, name):
        if name in RECORDED:
            document = json.loads((GOLDEN / RECORDED[name]).read_text())
        else:
            document = self.contract.fullest({"$ref": PREFIX + name}, name)
        if self.plant == "missing-key" and name == "Inventory":
            del document["machine"]["kernel"]
        if self.plant == "unknown-key" and name == "DaemonDocument":
            document["counters"]["surprises"] = 1
        if self.plant == "wrong-type" and name == "StatusDocument":
            document["lastEvent"] = "3"
        return document

    def find(self, path):
        """The operations of a path, by method, and the values of its names in braces."""
        segments = [unquote(part) for part in path.split("/")]
        for template, methods in self.contract.document["paths"].items():
            parts = template.split("/")
            if len(parts) != len(segments) or not all(segments[1:]):
                continue
            values = {part[1:-1]: text for part, text in zip(parts, segments) if part.startswith("{")}
            if all(part == text or part.startswith("{") for part, text in zip(parts, segments)):
                return methods, values
        raise Failure(404, "there is no such path")

    def check(self, operation, segments, query):
        declared = {each["name"]: each["schema"] for each in operation.get("parameters", [])
                    if each["in"] == "query"}
        if self.plant == "accepts-anything":
            declared = {}
            query = []
        for name, text in query:
            if name not in declared or [other for other, _ in query].count(name) > 1:
                raise Failure(400, f"'{name}' is no parameter, or there twice")
            schema = declared[name]
            if schema["type"] == "integer":
                plain = text.isascii() and text.isdigit()
                if not plain or not schema["minimum"] <= int(text) <= schema["maximum"]:
                    raise Failure(400, f"'{text}' is out of range")
            elif "enum" in schema and text not in schema["enum"] or not text or "\0" in text:
                raise Failure(400, f"'{text}' is none of its words")
        for name, text in [*segments.items(), *query]:
            if name in KNOWN and text not in KNOWN[name]:
                raise Failure(404, f"there is no '{text}'")

    def answer(self):
        url = urlsplit(self.path)
        methods, segments = self.find(url.path)
        operation = methods.get(self.command.lower())
        if operation is None and self.plant == "no-wrong-method":
            operation = next(iter(methods.values()))
        if operation is None:
            allow = [] if self.plant == "no-allow" else [("Allow", ", ".join(methods).upper())]
            raise Failure(405, "the path takes other methods", allow)
        if int(self.headers.get("Content-Length") or 0) > 0:
            raise Failure(413, "no operation takes a body")
        self.check(operation, segments, parse_qsl(url.query, keep_blank_values=True))
        if self.plant == "server-error" and operation["operationId"] == "metrics":
            raise Failure(500, "planted")
        media, content = next(iter(operation["responses"]["200"]["content"].items()))
        status = 202 if self.plant == "undocumented-status" and operation["operationId"] == "daemon" else 200
        if self.plant == "wrong-media-type" and operation["operationId"] == "topology":
            media = "text/html"
        if "$ref" in content["schema"]:
            document = self.document(content["schema"]["$ref"].removeprefix(PREFIX))
            return status, media, json.dumps(document).encode(), ()
        return status, media, b"# a text\n", ()

    def respond(self):
        try:
            status, media, body, headers = self.answer()
        except Failure as failure:
            status, media, headers = failure.status, "application/json", failure.headers
            body = json.dumps({"schema": "tinybox.problem/1", "step": "answer", "cause": failure.cause,
                               "status": status}).encode()
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        # What was sent as a body is not read: the connection cannot be used again.
        if self.headers.get("Content-Length") or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name):
        # http.server looks for do_METHOD: every method is answered here.
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("socket", nargs="?")
    parser.add_argument("--plants", action="store_true")
    parser.add_argument("--plant", choices=PLANTS)
    arguments = parser.parse_args()
    if arguments.plants:
        for plant, code in PLANTS.items():
            print(plant, code)
        return
    if not arguments.socket:
        parser.error("no socket")
    StandIn.plant = arguments.plant
    if os.path.exists(arguments.socket):
        os.unlink(arguments.socket)
    with Server(arguments.socket, StandIn) as server:
        server.serve_forever()


main()
