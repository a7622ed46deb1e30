"""Checks of the runtimes on the page, and of the chat with them."""
import json
import re
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

import made_up
from browser import Browser, Keys
from registry import check

ROWS = ("return [...document.querySelectorAll(arguments[0] + ' > tr')].map((row) =>"
        "[...row.children].map((cell) => cell.innerText.replace(/\\s+/g, ' ').trim()))")
LAST = "#chat-log > li:last-child"


def open_chat(page, test):
    page.open(test.url)
    page.ready()
    page.until("the chat", lambda: page.is_shown("#chat-part"))
    page.script("const m = document.getElementById('chat-model'); m.value = 'llama'")


def say(page, text):
    page.script("document.getElementById('chat-text').focus()")
    page.type(text)
    page.press(Keys.ENTER)


def wait(page, status):
    page.until(status, lambda: status in page.text("#chat-status"))


def say_for_picture(page):
    page.until("the chat", lambda: page.is_shown("#chat-part"))
    page.script("document.getElementById('chat-model').value = 'llama'")
    say(page, "What is the capital of France?")
    wait(page, "The answer is complete.")
    page.script("document.activeElement.blur(); scrollTo(0, 0)")


def contents(test, number=-1):
    return [message["content"] for message in test.box.chats[number][1]["messages"]]


@check(needs_box=True)
def runtimes_have_their_states_and_figures(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("runtimes", lambda: page.count("#runtimes > tr") == 4)
        page.until("steps", lambda: "Step 120 of 600, 3.1 /s" in page.text("#runtimes"))
        big, llama, train, whisper = page.script(ROWS, "#runtimes")
        assert big[0] == "big big-70b" and big[2] == "GPU4, GPU5" and big[4] == "5", big
        assert "failed" in big[1] and made_up.HOSTILE in big[1], big
        assert llama[1].startswith("✓ ready since"), llama
        assert llama[2:] == ["GPU0", "2 waiting, 1 running", "0"], llama
        assert train[0] == "train job" and "runs since" in train[1] and train[3] == "–", train
        assert whisper[1].startswith("• idle, starts when it is asked"), whisper
        assert whisper[2:4] == ["none", "0 waiting, 0 running"], whisper
        # A restart count that nobody reports is no zero.
        assert whisper[4] == "unknown", whisper
        assert page.count("#chat-model > option") == 2, "only those that chat"
        rows = page.script(ROWS, "#models")
        assert rows[0][0] == f'a "b" {made_up.HOSTILE}', rows
        assert rows[1][2:] == [
            "– all: 420 ms", "34", "4 1 queue_full, 3 runtime_failed, 2 clients left"], rows
        # Thirty more answers in no time, and two hundred tokens.
        test.box.metrics = made_up.model_metrics(tokens=5_410, first=(42.6, 60))
        test.box.change(lambda status: None)
        page.until("the mean of what is new", lambda: page.script(ROWS, "#models")[1][2].startswith("1 s"))
        rate = page.script(ROWS, "#models")[1][1]
        assert re.fullmatch(r"[1-9]\d*(\.\d+)? all: 5410", rate), rate
        assert page.script("return window.__alerts") == []
        test.box.refused = {"runtimes"}
        test.box.add_event("runtime.failed", "error", "something happened")
        page.until("why", lambda: page.is_shown("#runtimes-note")
                   and "too many are listening" in page.text("#runtimes-note"))


@check(needs_box=True)
def runtimes_are_hidden_where_there_are_none(test):
    test.box.registry = dict(test.box.registry, instances=[], jobs=[])
    del test.box.status["runtimes"]
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("the question", lambda: "/api/v1/runtimes" in test.box.requests)
        test.box.change(lambda status: status["gpus"].pop())
        page.until("the next reading", lambda: page.count("#gpus > tr") == 7)
        assert not page.is_shown("#runtimes-part")
        assert "/metrics/models" not in test.box.requests


@check(needs_box=True)
def a_chat_streams_and_keeps_its_history(test):
    with Browser() as page:
        open_chat(page, test)
        say(page, "What is the capital?")
        wait(page, "The answer is complete.")
        assert page.text(LAST) == "llamaParis it is.", page.text(LAST)
        figures = page.text("#chat-figures")
        assert re.fullmatch(r"4 tokens, \d+\.\d tokens/s, first after \d+\.\d s", figures), figures
        assert test.box.chats[0][1]["stream"] is True and test.box.chats[0][1]["model"] == "llama"
        say(page, "And then?")
        page.until("two answers", lambda: page.count("#chat-log > .answer") == 2)
        wait(page, "The answer is complete.")
        assert contents(test) == ["What is the capital?", "Paris it is.", "And then?"]
        # A line of its own is no message yet.
        page.script("document.getElementById('chat-text').focus()")
        page.type("one" + Keys.SHIFT + Keys.ENTER + Keys.SHIFT + "two")
        assert page.script("return document.getElementById('chat-text').value") == "one\ntwo"
        assert len(test.box.chats) == 2
        page.script("document.getElementById('chat-new').click()")
        assert page.count("#chat-log > li") == 0
        page.press(Keys.ENTER)
        wait(page, "The answer is complete.")
        assert contents(test) == ["one\ntwo"]
        page.script("document.getElementById('chat-text').focus()")
        say(page, "queue up")
        page.until("the place", lambda: page.text("#chat-status") == "Queued, position 3 of 7.")
        test.box.go_on.set()
        wait(page, "The answer is complete.")
        assert page.console_errors() == [] and page.script("return window.__violations") == []


@check(needs_box=True)
def an_answer_can_be_stopped(test):
    with Browser() as page:
        open_chat(page, test)
        assert not page.is_shown("#chat-stop")
        say(page, "forever please")
        page.until("text", lambda: "and and and" in page.text(LAST))
        page.until("figures", lambda: re.match(
            r"about \d+ tokens, \d+\.\d tokens/s", page.text("#chat-figures")))
        page.script("document.getElementById('chat-stop').click()")
        page.until("the end", lambda: page.text("#chat-status") == "Stopped.")
        page.until("that it left", lambda: test.box.left == 1)
        assert page.text("#chat-figures").endswith("stopped by you")
        assert not page.is_shown("#chat-stop")
        said = page.text(LAST + " .said")
        say(page, "go on")
        wait(page, "The answer is complete.")
        assert contents(test) == ["forever please", said, "go on"]
        # A chat that is cleared while it answers.
        say(page, "forever again")
        page.until("text", lambda: "and and" in page.text(LAST))
        page.script("document.getElementById('chat-new').click()")
        page.until("that it left too", lambda: test.box.left == 2)
        say(page, "new")
        wait(page, "The answer is complete.")
        assert contents(test) == ["new"] and page.count("#chat-log > li") == 2


@check(needs_box=True)
def every_error_of_a_chat_is_plain(test):
    with Browser() as page:
        open_chat(page, test)
        cases = [
            ("stopped now", "llamaError: The owner stopped the runtime 'llama'. 'sudo tinyboxctl runtime start "
             "llama' starts it. (runtime_stopped)"),
            ("broken now", "llamaError: The gateway answered 502."),
            ("crash now", "llamaParis it is.Error: The runtime failed. 'tinyboxctl runtime logs llama' shows why. "
             "(runtime_failed)"),
            ("cut now", "llamaParis it is.Error: The gateway ended before the answer was complete."),
        ]
        for number, (wish, shown) in enumerate(cases, 1):
            say(page, wish)
            page.until("the error", lambda: page.count("#chat-log .note") == number)
            assert page.text(LAST) == shown, page.text(LAST)
            assert page.text("#chat-status").startswith("No answer: "), page.text("#chat-status")
            # The question is there to be sent again, and is sent by nobody else.
            field = "const t = document.getElementById('chat-text'); const v = t.value; t.value = ''; return v"
            assert page.script(field) == wish
        say(page, "well?")
        wait(page, "The answer is complete.")
        assert contents(test) == ["well?"]
        say(page, "empty")
        wait(page, "The answer is empty.")
        page.script("document.getElementById('chat-text').value = '';"
                    "window.fetch = () => Promise.reject(new TypeError('no'))")
        say(page, "anybody?")
        page.until("the error", lambda: "Error: The gateway cannot be reached." in page.text(LAST))


@check(needs_box=True)
def a_chat_asks_for_a_token_where_it_needs_one(test):
    test.box.key = "tbx_secret"
    with Browser() as page:
        open_chat(page, test)
        assert not page.is_shown("#chat-token")
        say(page, "hello")
        page.until("the error", lambda: "This token is not for models. Enter a token for models below."
                   in page.text(LAST))
        assert page.is_shown("#chat-token")
        page.script("document.getElementById('chat-token').focus()")
        page.type("tbx_secret")
        page.script("document.getElementById('chat-text').value = ''")
        say(page, "hello")
        wait(page, "The answer is complete.")
        assert [key for key, _ in test.box.chats] == [None, "Bearer tbx_secret"]
        stored = page.script("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        assert "tbx_" not in stored, stored


@check(needs_box=True)
def what_a_model_writes_is_text_at_any_width(test):
    with Browser(width=360, height=740) as page:
        open_chat(page, test)
        for wish in ("hostile", "long"):
            say(page, wish)
            wait(page, "The answer is complete.")
        assert page.text("#chat-log > li:nth-child(2) .said") == (
            f"{made_up.HOSTILE} <script>alert(2)</script> **ü**\nend")
        assert page.count("main img, main script, main b b") == 0
        assert page.script("return window.__alerts") == [] and page.script("return window.__violations") == []
        assert "ended by its longest length" in page.text("#chat-figures")
        assert page.script("return document.documentElement.scrollWidth") <= 360
        over = page.script("const s = document.getElementById('chat-scroll'); return s.scrollWidth - s.clientWidth")
        assert over <= 0, over
        # Who speaks is a word, and the end is in view.
        speakers = page.script("return [...document.querySelectorAll('.speaker')].map((p) => p.textContent)")
        assert speakers == ["You", "llama"] * 2, speakers
        left = page.script("const s = document.getElementById('chat-scroll');"
                           "return s.scrollHeight - s.scrollTop - s.clientHeight")
        assert left < 2, left


# The real gateway, with a runtime of ours behind it.

class Runtime(BaseHTTPRequestHandler):
    """A runtime on a Unix socket that streams three words."""

    def log_message(self, *_):
        pass

    def do_POST(self):  # noqa: N802
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        for text, ending in (("one ", None), ("<b>two</b> ", None), ("three", None), (None, "stop")):
            delta = {} if text is None else {"role": "assistant", "content": text}
            chunk = dict(head, choices=[{"index": 0, "delta": delta, "finish_reason": ending}])
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
        self.wfile.write(f"data: {json.dumps(dict(head, choices=[], usage=usage))}\n\ndata: [DONE]\n\n".encode())


class RuntimeServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        # The handler of http.server wants an address.
        return super().get_request()[0], ("", 0)


def serve_runtime(folder):
    """A runtime and its registry in a folder: gives the registry."""
    path = folder / "words.sock"
    threading.Thread(target=RuntimeServer(str(path), Runtime).serve_forever, daemon=True).start()
    registry = {"schema": "tinybox.runtimes/1", "written": made_up.now(), "instances": [
        {"name": "words", "backend": "openai", "apis": ["chat"], "socket": str(path), "slots": 1,
         "state": "ready", "since": made_up.now(), "created": 1, "onDemand": False}]}
    (folder / "runtimes.json").write_text(json.dumps(registry))
    return registry


@check(needs_service=True)
def a_chat_goes_through_the_real_gateway(test):
    # The registry of tinyboxd is the machine's own; the page gets the one that the gateway has.
    registry = json.loads((test.service.folder / "runtimes.json").read_text())
    with Browser() as page:
        added = page.command("Page.addScriptToEvaluateOnNewDocument", source=f"""
            const real = window.fetch;
            window.fetch = (path, ...rest) => path === "/api/v1/runtimes"
              ? Promise.resolve(Response.json({json.dumps(registry)})) : real(path, ...rest);""")
        try:
            page.open(test.url)
            # The first reading of a real machine takes its time.
            page.until("the chat", lambda: page.is_shown("#chat-part"), seconds=60)
            # The setting of this gateway wants a token on a loopback address too.
            reading, _ = test.service.create_token("reader")
            using, _ = test.service.create_token("user", "--for", "models")
            for token, shown in ((None, "You did not provide an API key."), ("tbx_no", "This API key is unknown"),
                                 (reading, "This token is not for models."), (using, None)):
                if token:
                    page.script("const t = document.getElementById('chat-token'); t.value = ''; t.focus()")
                    page.type(token)
                page.script("document.getElementById('chat-text').value = ''")
                say(page, "count")
                if shown:
                    page.until(shown, lambda: shown in (page.text(LAST) or ""))
                else:
                    wait(page, "The answer is complete.")
            assert page.text(LAST + " .said") == "one <b>two</b> three", page.text(LAST)
            assert page.text("#chat-figures").startswith("3 tokens, "), page.text("#chat-figures")
            page.until("its figures", lambda: [row[0] for row in page.script(ROWS, "#models")] == ["words"])
            page.until("its queue", lambda: "0 waiting, 0 running" in page.text("#runtimes"))
            assert page.script("return window.__violations") == []
        finally:
            page.command("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
