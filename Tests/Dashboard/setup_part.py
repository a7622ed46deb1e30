"""Checks of the panel of set-up."""
import made_up
from browser import Browser
from registry import check

ROWS = """
    return [...document.querySelectorAll("#setup > tr")].map(row =>
      [...row.children].map(cell => cell.textContent.trim()))"""


@check(needs_box=True)
def setup_is_shown_until_it_is_done(test):
    done = {"state": "done", "notes": ["profile: this-box"]}
    test.box.setup = made_up.setup("running", identify=done, check={"state": "running", "steps": ["look"]})
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("the stages", lambda: page.is_shown("#setup-part") and page.count("#setup > tr") == 9)
        rows = page.script(ROWS)
        assert rows[0] == ["identify", "✓ done", "profile: this-box", ""], rows
        assert rows[1] == ["check", "… running", "look", ""], rows
        assert "1 of 9 stages" in page.text("#setup-line")
        test.box.setup = made_up.setup("failed", identify=done, check={
            "state": "failed", "reason": f"GPUs: 1 found {made_up.HOSTILE}", "next": "plug it in"})
        # It is asked again a few seconds later, with the next reading.
        page.until("the failure", lambda: "Stopped at: check" in page.text("#setup-line"), seconds=20)
        rows = page.script(ROWS)
        assert rows[1] == ["check", "✕ failed", f"GPUs: 1 found {made_up.HOSTILE}", "plug it in"], rows
        assert page.script("return window.__alerts") == []
        test.box.refused = {"setup"}
        page.until("why", lambda: page.is_shown("#setup-note")
                   and "too many are listening" in page.text("#setup-note"), seconds=20)
        test.box.refused = set()
        test.box.setup = made_up.setup("ready")
        page.until("its end", lambda: not page.is_shown("#setup-part"), seconds=20)


@check(needs_box=True)
def setup_is_hidden_where_nothing_was_begun(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("the question", lambda: "/api/v1/setup" in test.box.requests)
        test.box.change(lambda status: status["gpus"].pop())
        page.until("the next reading", lambda: page.count("#gpus > tr") == 7)
        assert not page.is_shown("#setup-part")
