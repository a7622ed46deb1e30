#!/usr/bin/env python3
"""A transcription service in OpenAI's shape on a Unix socket: faster-whisper with any of its models.

  whisper_service.py MODEL SOCKET [--any]            MODEL is a folder, or a package with a folder `model`     --any takes what is no recording for silence
"""
import email.parser
import email.policy
import http.server
import importlib
import io
import json
import os
import socketserver
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
from faster_whisper import WhisperModel  # noqa: E402

def folder(name):
    """Where a model is: a path as it is, a package by its place."""
    if "/" in name:
        return name
    return os.path.join(os.path.dirname(importlib.import_module(name).__file__), "model")


MODEL = WhisperModel(folder(sys.argv[1]), device="cpu", compute_type="int8",
                     cpu_threads=int(os.environ.get("THREADS", "2")))


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, value, kind=None):
        text = value if isinstance(value, str) else json.dumps(value)
        kind = kind or ("text/plain; charset=utf-8" if isinstance(value, str) else "application/json")
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, message):
        self.answer(status, {"error": {"message": message, "type": "invalid_request_error",
                                       "param": None, "code": None}})

    def do_GET(self):
        self.answer(200, {"object": "list", "data": [
            {"id": "whisper", "object": "model", "created": 0, "owned_by": "local"}]})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/audio/transcriptions":
            return self.error(404, f"There is no {self.path}.")
        head = b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n"
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        fields = {part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                  for part in form.iter_parts()}
        kind = fields.get("response_format", b"json").decode()
        if kind not in ("json", "text", "verbose_json"):
            return self.error(400, f"'response_format' may be json, text or verbose_json, not {kind}.")
        try:
            segments, about = MODEL.transcribe(io.BytesIO(fields["file"]))
            text = " ".join(segment.text.strip() for segment in segments)
        except Exception as problem:                    # what is no recording
            if "--any" in sys.argv:
                return self.silence(kind, fields)
            return self.error(400, f"The recording cannot be read: {type(problem).__name__}.")
        usage = {"type": "duration", "seconds": round(about.duration)}
        if kind == "text":
            self.answer(200, text)
        elif kind == "json":
            self.answer(200, {"text": text, "usage": usage})
        else:
            self.answer(200, {"task": "transcribe", "language": about.language, "text": text,
                              "duration": about.duration, "usage": usage})

    def silence(self, kind, fields):
        if fields.get("stream") == b"true":
            done = {"type": "transcript.text.done", "text": ""}
            self.answer(200, f"data: {json.dumps(done)}\n\ndata: [DONE]\n\n", "text/event-stream")
        else:
            self.answer(200, "" if kind == "text" else {"text": ""})

    def address_string(self):
        return "gateway"

    def log_message(self, *_):
        pass


class Server(socketserver.UnixStreamServer):
    request_queue_size = 64


if os.path.exists(sys.argv[2]):
    os.unlink(sys.argv[2])
Server(sys.argv[2], Handler).serve_forever()
