"""Answers known byte for byte, from real runtimes, through the gateway."""
import json
import random
import subprocess
import sys
import time

from machine import HERE, events

WORDS = 40


def models(machine, context=256):
    """Two small models: one ends by itself after 40 words, one never does."""
    for name, more in ("ends", []), ("endless", ["--endless"]):
        subprocess.run([sys.executable, HERE / "known_text_model.py", machine.folder / f"{name}.gguf", "--context",
                        str(context), "--words", str(WORDS), *more], check=True, capture_output=True)


def words(count, first=0):
    return "".join(f" w{(first + index) % WORDS}" for index in range(count))


class Tokenizer:
    """Counts the tokens of a chat by the runtime's own tokenizer, without the gateway."""

    def __init__(self, machine, kind, model):
        self.machine, self.kind = machine, kind
        if kind == "tinygrad":
            from tinygrad.llm.cli import SimpleTokenizer
            from tinygrad.llm.gguf import gguf_load
            from tinygrad import Tensor
            import pathlib
            values, _ = gguf_load(Tensor(pathlib.Path(model)))
            self.tokenizer = SimpleTokenizer.from_gguf_kv(values)

    def count(self, messages):
        if self.kind == "tinygrad":
            tokens = self.tokenizer.prefix()
            for message in messages:
                tokens = tokens + self.tokenizer.role(message["role"])
                tokens = tokens + self.tokenizer.encode(message["content"]) + self.tokenizer.end_turn()
            return len(tokens + self.tokenizer.role("assistant"))
        socket = self.machine.socket("llama")
        _, _, body = self.machine.ask("POST", "/apply-template", {"messages": messages}, socket=socket)
        prompt = json.loads(body)["prompt"]
        # The template leaves out the token at the start.
        request = {"content": prompt, "parse_special": True, "add_special": True}
        _, _, body = self.machine.ask("POST", "/tokenize", request, socket=socket)
        return len(json.loads(body)["tokens"])


def answer(machine, body):
    """An answer in either way: text, finish reason, usage."""
    status, _, data = machine.ask("POST", "/v1/chat/completions", body)
    assert status == 200, (status, data[:300])
    if not body.get("stream"):
        value = json.loads(data)
        choice = value["choices"][0]
        return choice["message"]["content"], choice["finish_reason"], value["usage"]
    text, reason, usage = "", None, None
    for event in events(data):
        assert "error" not in event, event
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            text += choice["delta"].get("content") or ""
            reason = choice["finish_reason"] or reason
    return text, reason, usage


def byte_exact(machine, model, kind, file, rounds, seed=1):
    """Random chats at temperature 0, half of them streamed."""
    source = random.Random(seed)
    tokenizer = Tokenizer(machine, kind, file)
    bad, begun, produced = [], time.monotonic(), 0
    for number in range(rounds):
        messages = [{"role": source.choice(["user", "system"]), "content": text(source)}
                    for _ in range(source.randrange(2))]
        messages.append({"role": "user", "content": text(source)})
        most = source.choice([1, 2, 3, 5, 8, 13, 20, WORDS - 1, WORDS, WORDS + 1, 60])
        body = {"model": model, "messages": messages, "temperature": 0, "max_tokens": most, "stream": number % 2 == 0}
        if body["stream"]:
            body["stream_options"] = {"include_usage": True}
        got, reason, usage = answer(machine, body)
        count = min(most, WORDS)
        wanted = (words(count), "length" if most <= WORDS else "stop")
        prompt = tokenizer.count(messages)
        # The token that ends an answer by itself: llama.cpp counts it, tinygrad does not.
        ending = 1 if kind == "llama" and most > WORDS else 0
        tokens = {"prompt_tokens": prompt, "completion_tokens": count + ending,
                  "total_tokens": prompt + count + ending}
        used = {name: usage[name] for name in tokens} if usage else None
        produced += count
        if (got, reason) != wanted or used != tokens:
            bad.append((number, body, got, reason, used, tokens))
    seconds = time.monotonic() - begun
    print(f"texts: {model}: {rounds - len(bad)} of {rounds} byte-exact with right usage, "
          f"{produced} tokens in {seconds:.0f} s")
    for one in bad[:5]:
        print("  wrong:", one)
    return not bad


def text(source):
    pieces = [" w1", "count", " 12", "\n\n", "é", "日本", "😀", "!", "a b c", "  ", "'s", "\t", "<|", "Straße"]
    return "".join(source.choice(pieces) for _ in range(1 + source.randrange(12)))


def cases():
    """What is asked, and the text and reason that have to come. Known text: " w0 w1 ... w39"."""
    table = []

    def case(text, reason, model="ends", **body):
        table.append((model, body, text, reason))
    for most in 1, 2, 10, 39, 40:
        case(words(most), "length", max_tokens=most)
        case(words(most), "length", max_completion_tokens=most)
    case(words(40), "stop")
    case(words(40), "stop", max_tokens=41)
    case(words(40), "stop", max_tokens=200, max_completion_tokens=100)
    case(words(5), "length", max_tokens=200, max_completion_tokens=5)
    for stop, left in [
        (" w5", words(5)), ("w5", words(5) + " "), (["w3", "w2"], words(2) + " "), ([" w7", " w3"], words(3)),
        ("5", words(5) + " w"), (" w1 w2", " w0"), (" w9 w10 w11", words(9)), ("0 w1", " w"), (" ", ""), ("w0", " "),
        (" w39", words(39)), ("9 w20 w2", words(19) + " w1"), ("nothing", words(40)), ("w40", words(40)),
        (" w39 w40", words(40)), ("w0 w1 w3", words(40)), ("W5", words(40)), (["x", "y", "z", " w20"], words(20)),
        (" w1", " w0"), ("w10", words(10) + " "), ("1 w2 ", " w0 w"), ("39", words(39) + " w"),
        (" w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10", ""),
    ]:
        case(left, "stop", stop=stop)
    case(words(3), "length", max_tokens=3, stop=" w3")
    case(words(3), "stop", max_tokens=4, stop=" w3")
    case(words(3), "stop", max_tokens=100, stop=" w3")
    case(words(5), "length", max_tokens=5, stop=" w4 w5")
    case(words(100), "length", "endless", max_tokens=100)
    case(words(39), "stop", "endless", stop=" w39")
    return table


def finishing(machine, runtime, kind, file):
    """Stop strings, limits and reasons to finish, each streamed and not."""
    tokenizer = Tokenizer(machine, kind, file)
    messages = [{"role": "user", "content": "count"}]
    prompt = tokenizer.count(messages)
    right, wrong = 0, []
    table = cases()
    for stream in False, True:
        for model, body, text, reason in table:
            if kind == "llama" and body.get("stop") == " w4 w5":
                # It drops the beginning of a stop string at which the limit ends the answer.
                text = words(4)
            request = {"model": runtime if model == "ends" else f"{runtime}-endless", "messages": messages,
                       "temperature": 0, **body}
            if stream:
                request |= {"stream": True, "stream_options": {"include_usage": True}}
            got = answer(machine, request)
            good = got[:2] == (text, reason) and got[2] and got[2]["prompt_tokens"] == prompt
            # Without a stop string the tokens are those of the text.
            if "stop" not in body and got[2]:
                ending = 1 if kind == "llama" and reason == "stop" else 0
                good = good and got[2]["completion_tokens"] == text.count("w") + ending
            right += good
            if not good:
                wrong.append((request, got, (text, reason, prompt)))
    # An endless answer ends where the context does.
    for stream in False, True:
        request = {"model": f"{runtime}-endless", "messages": messages, "temperature": 0, "stream": stream}
        if stream:
            request["stream_options"] = {"include_usage": True}
        got = answer(machine, request)
        count = got[0].count("w")
        good = got[1] == "length" and got[0] == words(count) and 256 - prompt - 2 <= count <= 256 - prompt + 1
        right += bool(good)
        if not good:
            wrong.append((request, got, ("the context of 256", prompt, count)))
    print(f"finish: {runtime}: {right} of {right + len(wrong)} cases right ({len(table) + 1} in each way)")
    for one in wrong[:5]:
        print("  wrong:", one)
    return not wrong
