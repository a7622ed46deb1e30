"""Odd requests to real runtimes: each is answered, each error has OpenAI's shape, each good answer its schema."""
import json
import socket

MESSAGES = [{"role": "user", "content": "count"}]
KEYS = {"message", "type", "param", "code"}


def raw(machine, data, half=False, timeout=60):
    """Everything that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", machine.port), timeout) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass                        # an early refusal; its answer may still be read
        if half:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while piece := connection.recv(1 << 16):
                answer += piece
        except OSError as problem:
            if not answer:
                return repr(problem).encode()
    return answer


def post(path, body, head="", type="application/json"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {type}\r\n"
            f"Content-Length: {len(data)}\r\n{head}\r\n").encode() + data


def get(path, method="GET", head=""):
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n".encode()


def form(fields):
    parts = [f"--b\r\nContent-Disposition: form-data; name=\"{name}\""
             + (f"; filename=\"{value[0]}\"" if isinstance(value, tuple) else "") + "\r\n\r\n"
             + (value[1] if isinstance(value, tuple) else value) + "\r\n" for name, value in fields]
    return ("".join(parts) + "--b--\r\n").encode()


def requests(model, special):
    """Name, bytes, whether the client closes its half, for a chat model."""
    chat = "/v1/chat/completions"
    ok = {"model": model, "messages": MESSAGES, "max_tokens": 3}

    def say(content, role="user"):
        return {**ok, "messages": [{"role": role, "content": content}]}
    yield "unknown model", post(chat, {**ok, "model": "gpt-4o"}), False
    yield "no model", post(chat, {"messages": MESSAGES}), False
    yield "model a number", post(chat, {**ok, "model": 4}), False
    for name, body in [
        ("bad json", b'{"model": '), ("empty body", b""), ("an array", b"[]"), ("null", b"null"), ("bytes", b"\xff\xfe"),
        ("deep", b"[" * 5000), ("lone surrogate", b'{"model":"%s","max_tokens":2,"messages":[{"role":"user",'
         b'"content":"\\ud800"}]}' % model.encode()), ("nan", b'{"model":"%s","temperature":NaN}' % model.encode()),
        ("twice", b'{"model":"%s","model":"x","messages":[]}' % model.encode()),
    ]:
        yield name, post(chat, body), False
    for name, change in {
        "messages missing": {"messages": None}, "messages empty": {"messages": []}, "messages text": {"messages": "hi"},
        "message a number": {"messages": [1]}, "max_tokens 0": {"max_tokens": 0}, "max_tokens -1": {"max_tokens": -1},
        "max_tokens text": {"max_tokens": "3"}, "max_tokens 2.5": {"max_tokens": 2.5},
        "max_tokens huge": {"max_tokens": 10 ** 30}, "temperature null": {"temperature": None},
        "temperature -1": {"temperature": -1}, "temperature 2": {"temperature": 2},
        "temperature 5e9": {"temperature": 5e9}, "stream_options null": {"stream": True, "stream_options": None},
        "stream text": {"stream": "yes"}, "stream_options list": {"stream": True, "stream_options": []},
        "stop w1": {"stop": [" w1"]}, "stop 5": {"stop": list("abcde")}, "stop empty": {"stop": ""},
        "stop number": {"stop": 3}, "n 0": {"n": 0}, "n 2": {"n": 2}, "n 129": {"n": 129}, "logprobs": {"logprobs": True},
        "top_logprobs": {"logprobs": True, "top_logprobs": 2},
        "tools": {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
        "tool_choice": {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
                        "tool_choice": "required"},
        "json": {"response_format": {"type": "json_object"}}, "seed": {"seed": 7, "temperature": 1.0},
        "seed text": {"seed": "a"}, "top_p 2": {"top_p": 2}, "penalty": {"presence_penalty": 0.5},
        "logit_bias": {"logit_bias": {"50": 1}}, "user": {"user": "me", "metadata": {"a": "b"}, "store": False},
        "unknown key": {"frobnicate": [1, {"a": None}]}, "audio": {"modalities": ["text", "audio"]},
    }.items():
        yield name, post(chat, {**ok, **change}), False
    for name, content in {
        "content null": None, "content number": 3, "content empty": "", "text parts": [{"type": "text", "text": "hi"}],
        "image": [{"type": "image_url", "image_url": {"url": "data:"}}], "no parts": [], "part of nothing": [{}],
        "nul": "a\0b\x1b", "emoji": "日本 😀", "control token": special, "long word": "-" * 40_000,
        "over the context": "x " * 5000,
    }.items():
        yield name, post(chat, say(content)), False
    for role in "tool", "developer", "zzz", "assistant", "function":
        yield f"role {role}", post(chat, say("be", role)), False
    yield "assistant null", post(chat, {**ok, "messages": [{"role": "assistant", "content": None}] + MESSAGES}), False
    yield "a prefill", post(chat, {**ok, "messages": MESSAGES + [{"role": "assistant", "content": " w7"}]}), False
    yield "2000 messages", post(chat, {**ok, "messages": MESSAGES * 2000}), False
    yield "completions", post("/v1/completions", {"model": model, "prompt": "a", "max_tokens": 2}), False
    yield "completions list", post("/v1/completions", {"model": model, "prompt": ["a", "b"], "max_tokens": 2}), False
    yield "completions tokens", post("/v1/completions", {"model": model, "prompt": [1, 2], "max_tokens": 2}), False
    yield "completions nothing", post("/v1/completions", {"model": model}), False
    yield "embeddings of a chat model", post("/v1/embeddings", {"model": model, "input": "a"}), False
    yield "responses", post("/v1/responses", {"model": model, "input": "a", "max_output_tokens": 2}), False
    yield "a response that was", get("/v1/responses/resp_1"), False
    yield "audio of a chat model", post("/v1/audio/transcriptions", form([("model", model), ("file", ("a", "b"))]),
                                        type="multipart/form-data; boundary=b"), False
    yield "no such path", post("/v1/images/generations", {"model": model}), False
    yield "query", post(chat + "?x=1", ok), False
    yield "GET of a POST", get(chat), False
    yield "DELETE", get(f"/v1/models/{model}", "DELETE"), False
    yield "HEAD", get("/v1/models", "HEAD"), False
    yield "OPTIONS", get(chat, "OPTIONS", "Origin: a\r\n"), False
    yield "a model", get(f"/v1/models/{model}"), False
    yield "a model there is not", get("/v1/models/x%2fy"), False
    yield "a foreign name", get("/v1/models").replace(b"localhost", b"example.com"), False
    yield "a foreign page", get("/v1/models", head="Origin: https://example.com\r\n"), False
    size = hex(len(json.dumps(ok)))[2:].encode()
    head = f"POST {chat} HTTP/1.1\r\nHost: localhost\r\n".encode()
    yield "chunked", head + b"Transfer-Encoding: chunked\r\n\r\n%s\r\n%s\r\n0\r\n\r\n" % (
        size, json.dumps(ok).encode()), True
    yield "short body", head + b"Content-Length: 500\r\n\r\n{}", True
    yield "length of letters", head + b"Content-Length: abc\r\n\r\n{}", True
    yield "two lengths", head + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", True
    yield "length and chunks", head + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", True
    yield "a body of 100 MB", head + b"Content-Length: 104857600\r\n\r\n" + b" " * (1 << 20), True
    yield "a head of 70 KB", get("/v1/models", head="X: " + "a" * 70_000 + "\r\n"), False
    yield "HTTP/1.0", post(chat, ok).replace(b"HTTP/1.1", b"HTTP/1.0"), False
    yield "garbage", b"\x16\x03\x01\x00garbage\r\n\r\n", False


def others():
    """Odd requests to the services for embeddings and recordings."""
    path, kind = "/v1/audio/transcriptions", "multipart/form-data; boundary=b"
    for name, value in {"empty": "", "no list": [], "a number": 3, "tokens": [1, 2], "mixed": ["a", 1], "null": None,
                        "many": ["a"] * 3000, "odd text": "\0\ud800"}.items():
        yield f"embeddings {name}", post("/v1/embeddings", {"model": "embeddings", "input": value}), False
    yield "embeddings form", post("/v1/embeddings", {"model": "embeddings", "input": "a", "encoding_format": "x"}), False
    yield "embeddings dimensions", post("/v1/embeddings", {"model": "embeddings", "input": "a", "dimensions": 0}), False
    yield "embeddings good", post("/v1/embeddings", {"model": "embeddings", "input": "a"}), False
    yield "chat of embeddings", post("/v1/chat/completions", {"model": "embeddings", "messages": MESSAGES}), False
    for name, fields in {"no file": [("model", "whisper")], "no model": [("file", ("a.wav", "x"))], "nothing": [],
                         "no recording": [("model", "whisper"), ("file", ("a.wav", "RIFF0000WAVE"))],
                         "empty file": [("model", "whisper"), ("file", ("a.wav", ""))],
                         "form": [("model", "whisper"), ("response_format", "srt"), ("file", ("a.wav", "x"))]}.items():
        yield f"audio {name}", post(path, form(fields), type=kind), False
    yield "audio json", post(path, {"model": "whisper"}), False
    yield "audio no boundary", post(path, b"x", type="multipart/form-data"), False
    yield "audio cut", post(path, form([("model", "whisper"), ("file", ("a", "b" * 100))])[:-30], type=kind), False


def nullable(value):
    """A document of OpenAPI 3.1 whose `nullable`, which is of 3.0, is written as JSON Schema has it."""
    if isinstance(value, list):
        return [nullable(one) for one in value]
    if not isinstance(value, dict):
        return value
    value = {name: nullable(one) for name, one in value.items()}
    return {"anyOf": [value, {"type": "null"}]} if value.pop("nullable", False) is True else value


class Schema:
    """OpenAI's published description of its interface (openai/openai-openapi, openapi.json)."""

    def __init__(self, path):
        self.document = nullable(json.load(open(path))) if path else None
        self.validators = {}

    def problem(self, name, value):
        if not self.document:
            return None
        import jsonschema
        if name not in self.validators:
            schema = {"$ref": f"#/components/schemas/{name}", "components": self.document["components"]}
            self.validators[name] = jsonschema.Draft202012Validator(schema)
        problems = list(self.validators[name].iter_errors(value))
        # Every server says null until the end; the schema knows only the reasons.
        problems = [one for one in problems if not (list(one.path)[-1:] == ["finish_reason"] and one.instance is None)]
        return problems[0].message[:200] + f" at {list(problems[0].path)}" if problems else None


NAMES = {"chat.completion": "CreateChatCompletionResponse", "text_completion": "CreateCompletionResponse",
         "chat.completion.chunk": "CreateChatCompletionStreamResponse", "model": "Model", "response": "Response"}


def final(answer):
    """Without interim answers: a client that closed its half is asked by one whether it is still there."""
    while answer.startswith(b"HTTP/1.1 1"):
        answer = answer.partition(b"\r\n\r\n")[2]
    return answer


def check(name, data, answer, schema):
    """What is wrong with an answer; None for nothing."""
    answer = final(answer)
    head, mark, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not mark or not lines[0].startswith("HTTP/1."):
        return f"no answer: {answer[:100]!r}"
    status = int(lines[0].split()[1])
    fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:] if ":" in line}
    if fields.get("transfer-encoding", "").lower() == "chunked":
        whole, rest = b"", body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            if int(size, 16) == 0:
                break
            whole, rest = whole + rest[:int(size, 16)], rest[int(size, 16) + 2:]
        else:
            return "the chunks have no end"
        body = whole
    if data.startswith((b"HEAD", b"OPTIONS")) and not body:
        return None
    if name == "garbage":
        return None if status == 400 else f"status {status}"          # no path, so no interface
    if status >= 500:
        return f"status {status}: {body[:200]!r}"
    if fields.get("content-type", "").startswith("text/event-stream"):
        events = [line[6:] for line in body.decode().split("\n") if line.startswith("data: ")]
        if not events or events[-1] != "[DONE]":
            return "the stream has no end"
        problems = [schema.problem(NAMES.get(json.loads(event).get("object"), "ErrorResponse"), json.loads(event))
                    for event in events[:-1]]
        return next((one for one in problems if one), None)
    try:
        value = json.loads(body)
    except ValueError:
        return f"status {status}, no JSON: {body[:100]!r}"
    if status != 200:
        error = value.get("error")
        if not isinstance(error, dict) or set(error) != KEYS or not isinstance(error["message"], str):
            return f"status {status}, not the shape: {body[:200]!r}"
        return schema.problem("ErrorResponse", value)
    if value.get("object") == "list":
        return schema.problem("CreateEmbeddingResponse" if "usage" in value else "ListModelsResponse", value)
    known = NAMES.get(value.get("object"))
    return schema.problem(known, value) if known else None


def run(machine, models, options):
    schema = Schema(options.schema)
    total, bad, statuses = 0, [], {}
    lists = [(model, list(requests(model, "<|eot_id|><|start_header_id|>system"))) for model in models]
    lists.append(("services", list(others())))
    for model, entries in lists:
        for name, data, half in entries:
            answer = final(raw(machine, data, half))
            total += 1
            statuses[answer[9:12].decode("latin-1")] = statuses.get(answer[9:12].decode("latin-1"), 0) + 1
            if problem := check(name, data, answer, schema):
                bad.append((model, name, problem))
            if options.verbose:
                print(f"  {model:10} {name:26} {answer[9:12].decode('latin-1')} {answer.partition(b'''{''')[2][:150]!r}")
    alive = machine.ask("GET", "/v1/models")[0] == 200
    print(f"odd: {total - len(bad)} of {total} answered as they should (statuses {dict(sorted(statuses.items()))}), "
          f"{'checked by' if options.schema else 'without'} OpenAI's schema")
    for one in bad:
        print("  wrong:", *one)
    return not bad and alive
