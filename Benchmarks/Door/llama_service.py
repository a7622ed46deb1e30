#!/usr/bin/env python3
"""llama.cpp's own server, from the package `xllamacpp`, on a Unix socket.

  llama_service.py MODEL.gguf SOCKET [SLOTS] [CONTEXT]     CONTEXT is that of one slot
"""
import sys
import threading

import xllamacpp


def main(model, socket, slots="1", context="2048"):
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.hostnames = [socket]
    parameters.n_parallel = int(slots)
    parameters.n_ctx = int(context) * int(slots)
    parameters.cpuparams.n_threads = 2
    parameters.use_jinja = True
    parameters.ui = False
    # Kept: the server ends with the object.
    server = xllamacpp.Server(parameters)
    print("listening", server.listening_address, flush=True)
    threading.Event().wait()


main(*sys.argv[1:])
