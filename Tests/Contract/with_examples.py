"""docs/openapi.json with names of this machine as examples of its parameters, and with no answers but those
of each operation, on standard output.

    with_examples.py SOCKET
"""
import http.client
import json
import socket
import sys

from contract import ROOT


class Box(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(path, operation):
    box = Box(path)
    box.request("GET", operation)
    answer = box.getresponse()
    if answer.status != 200:
        raise SystemExit(f"with_examples: GET {operation} gives {answer.status}")
    return json.load(answer)


def main(path):
    devices = [device["address"] for device in ask(path, "/v1/p2p")["devices"]]
    checks = ask(path, "/v1/checks")["checks"]
    names = {"id": checks[:2], "name": devices[:2], "device": devices[:1],
             "initiator": devices[:1], "target": devices[-1:]}
    document = json.loads((ROOT / "docs/openapi.json").read_text())
    for methods in document["paths"].values():
        for operation in methods.values():
            # What any operation may be refused with: with it no status would be one that is not described.
            operation["responses"].pop("default", None)
            for parameter in operation.get("parameters", []):
                known = names.get(parameter["name"], [])
                if known:
                    parameter["examples"] = {name: {"value": name} for name in known}
    json.dump(document, sys.stdout)


main(sys.argv[1])
