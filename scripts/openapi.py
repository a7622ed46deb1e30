"""The OpenAPI document of the daemon's interface, and the table of operations in docs/api.md.

    tinybox-docs endpoints | openapi.py docs/openapi.json docs/api.md
    openapi.py --check ...    writes nothing; status 1 where a file is not what it would write

Operations come from the endpoints of the daemon (Sources/Daemon/Serving/Endpoints), schemas from the
Swift types that are encoded, with their doc comments.
"""
import json
import sys
from pathlib import Path

from openapi_schemas import schemas

MARKS = "<!-- operations: written by 'make docs' -->", "<!-- end of operations -->"

INTRO = """The box as `tinyboxd` sees it, and what it may change. docs/api.md has examples.

The daemon listens on the Unix socket `/run/tinybox/api.sock`. Who asks is told by the kernel \
(peer credentials): group `tinybox` may read, group `tinybox-admin` and root may also change \
(`x-access` of each operation). `tinybox-gateway` offers the operations that read over the \
network, below `/api`, to those who send `Authorization: Bearer TOKEN`.

A fact that the machine does not have, or that could not be told, is absent: never null, never \
zero. Keys, operations and parameters stay as they are within `/v1`; new ones may be added, so a \
client passes over what it does not know. Schemas here name every key that this version sends, \
so that a test finds one that is not described."""

PROBLEMS = {
    400: ("BadRequest", "The request is wrong: an unknown parameter, or a value that it cannot have."),
    403: ("NotPermitted", "The caller is not in a group that may."),
    404: ("NotFound", "There is no such device, check or path."),
    405: ("WrongMethod", "The path takes other methods: those in `Allow`."),
    409: ("CannotNow", "It cannot be done now: the configuration cannot be used, or another program has the lock."),
    413: ("TooLarge", "The request is too large. No operation takes a body."),
    500: ("Failed", "It failed."),
    503: ("Busy", "There is no room now: too many are connected or listening, or too much waits to be read."),
}

# What any operation can be answered with: the server refuses the request before it looks for one.
REFUSED = ("Refused", "The server refuses the request: 408 it did not come whole in time, 414 its target is too "
           "long, 417 another Expect than 100-continue, 431 its header is too large, 501 another "
           "Transfer-Encoding than chunked, 503 there is no room now, 505 another version than HTTP/1.1.")


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(described):
    if "words" in described:
        schema = {"type": "string", "enum": described["words"]}
    elif "minimum" in described:
        schema = {"type": "integer", "minimum": described["minimum"], "maximum": described["maximum"]}
    else:
        # What the server refuses before it looks for anything: a NUL, and a slash within a segment.
        letters = "[^/\\u0000]" if described["isInPath"] else "[^\\u0000]"
        schema = {"type": "string", "minLength": 1, "pattern": f"^{letters}+$"}
    return {"name": described["name"], "in": "path" if described["isInPath"] else "query",
            "required": described["isInPath"], "description": described["meaning"], "schema": schema}


def answer(endpoint):
    document = endpoint.get("document")
    if document is None:
        return {"description": "The text.",
                "content": {media: {"schema": {"type": "string"}} for media in endpoint["mediaTypes"]}}
    if endpoint["isStream"]:
        return {"description": f"Server-sent events without end; the data of each is a `{document}` as JSON.",
                "content": {"text/event-stream": {
                    "schema": {"type": "string"}, "x-event-data": reference(document)}}}
    return {"description": "The document.", "content": {"application/json": {"schema": reference(document)}}}


def operation(endpoint):
    parameters = [parameter(each) for each in endpoint["parameters"]]
    if endpoint["name"] == "eventStream":
        parameters.append({
            "name": "Last-Event-ID", "in": "header", "required": False,
            "description": "the number of the last event that was received: goes on after it",
            "schema": {"type": "integer", "minimum": 0}})
    responses = {"200": answer(endpoint)}
    for status in endpoint["problems"]:
        responses[str(status)] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
    responses["default"] = {"$ref": f"#/components/responses/{REFUSED[0]}"}
    written = {"operationId": endpoint["name"], "summary": endpoint["summary"], "x-access": endpoint["access"],
               "responses": responses}
    if parameters:
        written["parameters"] = parameters
    return written


def problem(status, text):
    written = {"description": text, "content": {"application/json": {"schema": reference("Problem")}}}
    if status == 405:
        written["headers"] = {"Allow": {
            "description": "methods of the path", "required": True,
            "schema": {"type": "string", "pattern": "^[A-Z]+(, ?[A-Z]+)*$"}}}
    return written


def document(endpoints):
    paths = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint["path"], {})[endpoint["method"].lower()] = operation(endpoint)
    roots = [endpoint["document"] for endpoint in endpoints if "document" in endpoint]
    return {
        "openapi": "3.1.0",
        "info": {"title": "tinybox", "version": "1", "summary": "A multi-GPU machine, watched and kept in order.",
                 "description": INTRO, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [
            {"url": "http://localhost", "description": "The Unix socket /run/tinybox/api.sock of tinyboxd."},
            {"url": "http://127.0.0.1:8686/api", "description": "tinybox-gateway: operations that read."}],
        "paths": paths,
        "components": {
            "schemas": schemas(roots + ["Problem"]),
            "responses": {name: problem(status, text)
                          for status, (name, text) in [*PROBLEMS.items(), (None, REFUSED)]}},
    }


def table(endpoints):
    lines = ["| operation | who | answer | what |", "| --- | --- | --- | --- |"]
    for endpoint in endpoints:
        query = [each["name"] for each in endpoint["parameters"] if not each["isInPath"]]
        path = endpoint["path"] + ("?" + "&".join(query) if query else "")
        what = endpoint.get("document") or endpoint["mediaTypes"][0].split(";")[0]
        kind = "stream of " if endpoint["isStream"] else ""
        lines.append(f"| `{endpoint['method']} {path}` | {endpoint['access']} | {kind}`{what}` "
                     f"| {endpoint['summary']} |")
    return "\n".join(lines) + "\n"


def renewed(text, endpoints, path):
    head, first, rest = text.partition(MARKS[0] + "\n")
    _, last, tail = rest.partition(MARKS[1])
    if not first or not last:
        raise SystemExit(f"openapi: {path} lacks the marks around the operations")
    return f"{head}{first}\n{table(endpoints)}\n{last}{tail}"


def main(arguments):
    check = "--check" in arguments
    description, page = (Path(each) for each in arguments if each != "--check")
    endpoints = json.load(sys.stdin)
    written = {
        description: json.dumps(document(endpoints), indent=2, ensure_ascii=False) + "\n",
        page: renewed(page.read_text(), endpoints, page),
    }
    for path, text in written.items():
        if not check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            raise SystemExit(f"openapi: {path} is not what the sources say: run 'make docs'")


main(sys.argv[1:])
