"""Clients of the gateway, and what they saw."""
import http.client
import json
import threading
import time

GATEWAY = ("127.0.0.1", 8686)
# Longer than what a test waits for, so that an answer that never ends is seen as such.
TIMEOUT = 300


def until(holds, what, seconds=180):
    """What holds, once it does; the time is for what never does."""
    end = time.monotonic() + seconds
    while True:
        if it := holds():
            return it
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def words(number):
    return "".join(f" w{index}" for index in range(number))


def request(model, wish, stream):
    connection = http.client.HTTPConnection(*GATEWAY, timeout=TIMEOUT)
    connection.request("POST", "/v1/chat/completions", json.dumps(
        {"model": model, "stream": stream, "messages": [{"role": "user", "content": wish}]}),
        {"Content-Type": "application/json"})
    return connection.getresponse()


def ask(model, wish):
    """Status, the code of the error or the text, `x-should-retry`. Without a gateway: None."""
    try:
        answer = request(model, wish, False)
        body = json.loads(answer.read())
    except (OSError, http.client.HTTPException) as error:
        return None, repr(error), None
    if answer.status != 200:
        return answer.status, body["error"]["code"], answer.getheader("x-should-retry")
    return 200, body["choices"][0]["message"]["content"], None


def answers(model):
    return ask(model, "hello")[:2] == (200, " hello")


def said(model, wish):
    """What a stand-in found out."""
    status, text, _ = ask(model, wish)
    if status != 200:
        raise RuntimeError(f"{model}: {status} {text}")
    return json.loads(text)


class Stream:
    """A streamed answer, read on a thread. `outcome`: ("done", reason), ("error", code), ("lost", how)."""

    def __init__(self, model, wish):
        self.outcome, self.ended, self.text = None, 0.0, ""
        self.times = []
        self.thread = threading.Thread(target=self.run, args=(model, wish), daemon=True)
        self.thread.start()

    def run(self, model, wish):
        try:
            self.outcome = self.read(request(model, wish, True))
        except (OSError, http.client.HTTPException) as error:
            self.outcome = "lost", type(error).__name__
        if not self.ended:
            self.ended = time.monotonic()

    def read(self, answer):
        if answer.status != 200:
            return "error", json.loads(answer.read())["error"]["code"]
        reason = error = None
        while line := answer.readline():
            if not line.startswith(b"data: "):
                continue
            if line.strip() == b"data: [DONE]":
                return ("error", error) if error else ("done", reason)
            event = json.loads(line[6:])
            if "error" in event:
                error, self.ended = event["error"]["code"], time.monotonic()
            for choice in event.get("choices", []):
                reason = choice.get("finish_reason") or reason
                if piece := choice["delta"].get("content"):
                    self.text += piece
                    self.times.append(time.monotonic())
        return "lost", "the end of the file"

    def begun(self):
        """Itself, in the middle of its answer."""
        until(lambda: len(self.times) >= 5 or self.outcome, "a stream begins")
        if self.outcome:
            raise RuntimeError(f"a stream ended at once: {self.outcome}")
        return self

    def join(self):
        self.thread.join(TIMEOUT)
        if self.thread.is_alive():
            raise TimeoutError("a stream does not end")


class Steady:
    """A client that asks one answer after the other, and compares each word."""

    WORDS = 40

    def __init__(self, model):
        self.model, self.answers, self.bad, self.longest = model, 0, [], 0.0
        self.is_over = False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.is_over:
            stream = Stream(self.model, f"count {self.WORDS} 50")
            stream.join()
            self.answers += 1
            self.longest = max([self.longest, *(b - a for a, b in zip(stream.times, stream.times[1:]))])
            if stream.outcome != ("done", "stop") or stream.text != words(self.WORDS):
                self.bad.append((stream.outcome, stream.text[-40:]))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join(TIMEOUT)
