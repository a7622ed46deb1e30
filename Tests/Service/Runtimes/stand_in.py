#!/usr/bin/env python3
"""A STAND-IN for a runtime: it computes nothing. It speaks as much of OpenAI's chat as the gateway asks for, and does
what the last message says:

  count N MS      says " w0" to " w<N-1>", one every MS milliseconds
  model           says the SHA-256 of its model, and whether it could open the model for writing
  reach JSON      tries to reach {"sockets": [PATH...], "ports": [PORT...], "signals": [PROCESS...]}, `times` times each,
                  and says how often it could

  stand_in.py SOCKET PORT [MODEL]     listens on both; ends with 1 where it cannot read its model, as runtimes do
"""
import errno
import hashlib
import json
import os
import signal
import socket
import sys
import threading
import time

EVENT = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def connect(family, address):
    with socket.socket(family) as one:
        one.settimeout(5)
        one.connect(address)


def count(attempt, times):
    """How often an attempt succeeded, and the errors of the others."""
    done, errors = 0, set()
    for _ in range(times):
        try:
            attempt()
            done += 1
        except OSError as error:
            errors.add(errno.errorcode.get(error.errno, str(error)))
    return {"reached": done, "errors": sorted(errors)}


def reach(what):
    """Tries what another program of this user could. SIGURG is one that everybody ignores."""
    times = what.get("times", 20)
    return {
        "sockets": {path: count(lambda: connect(socket.AF_UNIX, path), times) for path in what.get("sockets", [])},
        "ports": {str(port): count(lambda: connect(socket.AF_INET, ("127.0.0.1", port)), times)
                  for port in what.get("ports", [])},
        "signals": {str(process): count(lambda: os.kill(process, signal.SIGURG), times)
                    for process in what.get("signals", [])},
        "self": count(lambda: os.kill(os.getpid(), signal.SIGURG), times)["reached"],
        "user": os.geteuid(),
    }


def read(model):
    with open(model, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def look(model):
    try:
        os.close(os.open(model, os.O_WRONLY))
        return {"sha256": read(model), "writable": True}
    except OSError:
        return {"sha256": read(model), "writable": False}


def pieces(wish, model):
    verb, _, rest = wish.partition(" ")
    if verb == "count":
        number, pause = rest.split()
        for index in range(int(number)):
            yield f" w{index}"
            time.sleep(int(pause) / 1000)
    elif verb == "model":
        yield json.dumps(look(model))
    elif verb == "reach":
        yield json.dumps(reach(json.loads(rest)))
    else:
        yield " hello"


def event(choices, **more):
    return b"data: " + json.dumps(EVENT | {"choices": choices} | more).encode() + b"\n\n"


def serve(connection, model):
    try:
        line, body = receive(connection)
        if not line.startswith(b"POST"):
            return connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
                                      b'{"object":"list","data":[]}')
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        number = 0
        for piece in pieces(json.loads(body)["messages"][-1]["content"], model):
            connection.sendall(event([{"index": 0, "delta": {"content": piece}, "finish_reason": None}]))
            number += 1
        usage = {"prompt_tokens": 1, "completion_tokens": number, "total_tokens": number + 1}
        connection.sendall(event([{"index": 0, "delta": {}, "finish_reason": "stop"}]) + event([], usage=usage)
                           + b"data: [DONE]\n\n")
    except OSError:
        pass
    finally:
        connection.close()


def receive(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += more(connection)
    return head, body


def more(connection):
    data = connection.recv(65536)
    if not data:
        raise ConnectionError
    return data


def accept(listener, model):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], model), daemon=True).start()


def main():
    path, port, *model = sys.argv[1:]
    model = model[0] if model else None
    if model:
        print("model", read(model), flush=True)
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(path)
    unix.listen(64)
    threading.Thread(target=accept, args=(socket.create_server(("127.0.0.1", int(port))), model), daemon=True).start()
    accept(unix, model)


if __name__ == "__main__":
    main()
