"""Checks that the page tells what is of now from what is old."""
import re

from browser import Browser
from registry import check

LAMP = "return document.getElementById('connection').dataset.state"


@check(needs_box=True)
def tells_when_the_stream_is_lost_and_comes_back(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("events", lambda: page.count("#events > li") == 7)
        test.box.go_away()
        page.until("the banner", lambda: page.is_shown("#lost"))
        page.until("why", lambda: "cannot ask tinyboxd" in page.text("#lost-what"))
        page.until("the age of the data", lambda: re.search(r"Last reading \d+ s ago\.", page.text("#lost-age")))
        assert page.count("#gpus > tr") == 8, "what was read stays"
        test.box.go_away(False)
        test.box.add_event("daemon.recovered", "warning", "back again")
        page.script("document.getElementById('retry').click()")
        page.until("the end of the banner", lambda: not page.is_shown("#lost"))
        page.until("the missed event", lambda: page.count("#events > li") == 8)
        # And without anybody's click.
        test.box.go_away()
        page.until("the banner again", lambda: page.is_shown("#lost"))
        test.box.go_away(False)
        page.until("recovery by itself", lambda: not page.is_shown("#lost"), seconds=30)


@check(needs_box=True)
def a_hidden_page_holds_no_stream(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("two streams", lambda: test.box.streams == 2)
        hide = ("Object.defineProperty(document, 'visibilityState', {value: arguments[0],"
                "configurable: true}); document.dispatchEvent(new Event('visibilitychange'))")
        page.script(hide, "hidden")
        assert page.script(LAMP) == "waiting" and page.text("#connection-text") == "Paused"
        page.until("no stream", lambda: test.box.streams == 0)
        asked = len(test.box.requests)
        test.box.add_event("device.removed", "warning", "while nobody looked")
        page.script("return new Promise((done) => setTimeout(done, 3000))")
        assert len(test.box.requests) == asked, test.box.requests[asked:]
        # What is old is not called live while nothing new has come.
        states = page.script(hide + "; return document.getElementById('connection').dataset.state",
                             "visible")
        assert states == "waiting", states
        page.until("the missed event", lambda: "while nobody looked" in page.text("#events"))
        page.until("two streams again", lambda: test.box.streams == 2)


@check(needs_box=True)
def a_machine_that_cannot_be_read_is_told_with_the_reason(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        test.box.problem = {
            "schema": "tinybox.problem/1", "status": 500, "step": "read the machine",
            "cause": "/usr/lib/tinybox/profiles/a.toml: line 3 is no TOML"}
        test.box.change(lambda status: None)
        page.until("the banner", lambda: page.is_shown("#lost"), seconds=5)
        assert page.text("#lost-what") == (
            "Not live: cannot read the machine: /usr/lib/tinybox/profiles/a.toml: line 3 is no TOML."
            " 'tinyboxctl status' on the machine may show more."), page.text("#lost-what")
        assert re.match(r"Last reading \d+ s ago\.", page.text("#lost-age"))
        assert page.script(LAMP) == "lost" and page.count("#gpus > tr") == 8
        # It goes on for longer than a silent connection would be borne with.
        page.script("return new Promise((done) => setTimeout(done, 12000))")
        assert "line 3 is no TOML" in page.text("#lost-what"), page.text("#lost-what")
        assert re.match(r"Last reading 1\d s ago\.", page.text("#lost-age"))
        test.box.problem["hint"] = "correct the file"
        page.until("what to do", lambda: page.text("#lost-what").endswith(". Correct the file."))
        test.box.problem = None
        page.until("the end of the banner", lambda: not page.is_shown("#lost"), seconds=5)
        assert page.script(LAMP) == "live"


@check(needs_box=True)
def a_stream_that_is_refused_says_why(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        test.box.cut("status/stream")
        page.until("why", lambda: "too many are listening" in page.text("#lost-what"))
        test.box.cut()
        page.until("the end of the banner", lambda: not page.is_shown("#lost"))


@check(needs_box=True)
def events_that_are_not_live_are_told_and_fetched(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("events", lambda: page.count("#events > li") == 7)
        assert not page.is_shown("#events-lost")
        test.box.cut("events/stream")
        page.until("why", lambda: page.text("#events-lost") == (
            "Events are not live: cannot start the stream: too many are listening."))
        page.until("readings go on", lambda: page.script(LAMP) == "live")
        test.box.add_event("device.removed", "warning", "while nothing was told")
        page.until("the event all the same", lambda: page.count("#events > li") == 8)
        assert page.is_shown("#events-lost")
        test.box.cut()
        page.until("the end of the note", lambda: not page.is_shown("#events-lost"), seconds=30)


@check(needs_box=True)
def a_stream_of_events_that_is_dead_is_made_anew(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("events", lambda: page.count("#events > li") == 7)
        test.box.is_mute = True
        test.box.add_event("device.removed", "warning", "into nowhere")
        page.until("the event all the same", lambda: page.count("#events > li") == 8)
        asked = [path for path in test.box.requests if path.startswith("/api/v1/events/stream")]
        page.until("another stream", lambda: len([
            path for path in test.box.requests if path.startswith("/api/v1/events/stream")]) == 2)
        assert len(asked) < 3, asked
        test.box.is_mute = False
        test.box.add_event("device.added", "notice", "here again")
        page.until("the next event", lambda: "here again" in page.text("#events"), seconds=3)


@check(needs_box=True)
def events_whose_numbers_start_anew_are_shown(test):
    for count in (2, 9):
        with Browser() as page:
            page.open(test.url)
            page.ready()
            before = len(test.box.events)
            page.until("events", lambda: page.count("#events > li") == before)
            test.box.replace_events(*(f"anew {number}" for number in range(count)))
            test.box.cut()
            page.until("those of the new store alone", lambda: page.count("#events > li") == count
                       and page.text("#events").count("anew") == count)
            test.box.add_event("device.added", "notice", "the next one")
            page.until("the next event", lambda: "the next one" in page.text("#events"), seconds=3)
            assert page.count("#events > li") == count + 1


@check(needs_box=True)
def a_device_that_is_gone_is_not_shown_as_live(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        gone, left = ('#topology [data-device="0000:%s:00.0"]' % bus for bus in ("21", "01"))
        assert "94 % busy" in page.text(gone)
        test.box.refused = {"topology.svg"}
        test.box.change(lambda status: status["gpus"].pop(2))
        page.until("a note", lambda: page.is_shown("#topology-note"))
        assert page.text("#topology-note").startswith("The picture is old, "), page.text(
            "#topology-note")
        assert page.text(gone + " .live-text") == "gone"
        assert page.count(gone + " .live-load") == 0
        assert page.text('[data-rate="0000:21:00.0"]') == "link unknown"
        test.box.change(lambda status: status["gpus"][0].update(busyShare=0.31))
        page.until("what is left goes on", lambda: "31 % busy" in page.text(left))
        test.box.refused = set()
        test.box.change(lambda status: status["nics"].pop())
        page.until("another picture", lambda: not page.is_shown("#topology-note"))
        assert page.count(gone + " .live-text") == 0
        assert "31 % busy" in page.text(left)


@check(needs_box=True)
def the_plan_is_of_now(test):
    then = ("return [...document.querySelectorAll('#planned > tr > :nth-child(4)')]"
            ".map((cell) => cell.textContent)")
    with Browser() as page:
        page.open(test.url)
        page.ready()
        page.until("the plan", lambda: page.script(then) == ["18", "18,50"])
        # As many changes, but others.
        test.box.plan[0]["new"] = "19"
        test.box.add_event("placement.drift", "warning", "something changed")
        page.until("the plan after an event", lambda: page.script(then) == ["19", "18,50"])
        test.box.plan[0]["new"] = "20"
        test.box.change(lambda status: status["placement"]["drifted"][0].update(actual="1-63"))
        page.until("the plan after a drift", lambda: page.script(then) == ["20", "18,50"])
        # One that cannot be had is not replaced by an old one.
        test.box.refused = {"placement"}
        test.box.add_event("placement.drift", "warning", "again")
        page.until("no plan", lambda: not page.is_shown("#planned-part"))
        test.box.refused = set()
        page.until("the plan again", lambda: page.is_shown("#planned-part"))


@check(needs_box=True)
def a_placement_that_nobody_has_looked_at_is_not_known_yet(test):
    with Browser() as page:
        page.open(test.url)
        page.ready()
        test.box.change(lambda status: status.update(placement={"drifted": []}))
        page.until("the line", lambda: page.text("#placement-line") == "Not known yet.")
        numbers = page.script("return [...document.querySelectorAll('#placement-numbers dd')]"
                              ".map((cell) => cell.textContent)")
        assert numbers == ["unknown"] * 6, numbers
        test.box.change(lambda status: status["placement"].update(problem="line 3 is no TOML"))
        page.until("why", lambda: page.text("#placement-line") == "Not known: line 3 is no TOML.")
