#!/usr/bin/env python3
"""A stand-in for a runtime on a Unix socket: a token every MILLISECONDS, each with the time at which it was
sent, for as many tokens as `max_tokens` says. 0 sends as fast as the reader takes them.

  metronome.py SOCKET MILLISECONDS [TOKENS-A-PIECE]
"""
import json
import os
import socket
import sys
import threading
import time

path, interval = sys.argv[1], float(sys.argv[2]) / 1e3
together = int(sys.argv[3]) if len(sys.argv) > 3 else 1
TOKEN = (b'data: {"choices":[{"index":0,"delta":{"content":"%d "},"finish_reason":null}],"id":"x",'
         b'"object":"chat.completion.chunk","created":1,"model":"m"}\n\n')
END = (b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}],"id":"x",'
       b'"object":"chat.completion.chunk","created":1,"model":"m"}\n\n'
       b'data: {"choices":[],"id":"x","object":"chat.completion.chunk","created":1,"model":"m",'
       b'"usage":{"prompt_tokens":1,"completion_tokens":%d,"total_tokens":%d}}\n\ndata: [DONE]\n\n')


def serve(connection):
    try:
        head, _, body = receive(connection)
        count = json.loads(body or b"{}").get("max_tokens", 200)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        due = time.monotonic()
        for first in range(0, count, together):
            due += interval
            if (rest := due - time.monotonic()) > 0:
                time.sleep(rest)
            connection.sendall(b"".join(TOKEN % time.monotonic_ns()
                                        for _ in range(min(together, count - first))))
        connection.sendall(END % (count, count + 1))
    except OSError:
        pass
    connection.close()


def receive(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += more(connection)
    head, mark, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += more(connection)
    return head, mark, body


def more(connection):
    data = connection.recv(65536)
    if not data:
        raise ConnectionError
    return data


if os.path.exists(path):
    os.unlink(path)
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
os.chmod(path, 0o666)
listener.listen(64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
