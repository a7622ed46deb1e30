"""A headless Chromium and what the tests ask it."""
import atexit
import json
import os
import pathlib
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class Browser:
    """One page in one window. CSP violations are collected from before the first script runs.

    A Chromium takes seconds to start: one that a check is done with is emptied and used for the next."""

    idle = []

    def __init__(self, width=1440, height=1000, scheme="light", reduced_motion=False):
        if Browser.idle:
            self.driver, self.folder = Browser.idle.pop()
        else:
            self.start()
        self.size(width, height)
        self.media(scheme, reduced_motion)

    def start(self):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                         "--hide-scrollbars", "--force-color-profile=srgb"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # Chromium leaves folders behind wherever it puts them.
        self.folder = tempfile.TemporaryDirectory(prefix="tinybox-browser-", ignore_cleanup_errors=True)
        service = Service("/usr/bin/chromedriver", env={**os.environ, "TMPDIR": self.folder.name})
        self.driver = webdriver.Chrome(service=service, options=options)
        self.driver.set_script_timeout(60)
        self.command("Page.addScriptToEvaluateOnNewDocument", source="""
            window.__violations = [];
            document.addEventListener("securitypolicyviolation", (event) =>
              window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`));
            window.__alerts = [];
            window.alert = (text) => window.__alerts.push(String(text));""")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        # After a check that failed nobody knows what state it is in.
        if kind is not None or len(self.driver.window_handles) > 1:
            self.quit()
            return
        # No page, no stream, no cookie, nothing stored, nothing logged.
        self.driver.get("about:blank")
        self.command("Network.clearBrowserCookies")
        self.command("Network.clearBrowserCache")
        self.command("Storage.clearDataForOrigin", origin="*", storageTypes="all")
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        Browser.idle.append((self.driver, self.folder))

    def quit(self):
        self.driver.quit()
        self.folder.cleanup()

    @classmethod
    def quit_all(cls):
        """Ends those that wait."""
        while cls.idle:
            driver, folder = cls.idle.pop()
            driver.quit()
            folder.cleanup()

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def size(self, width, height):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=False)

    def media(self, scheme, reduced_motion=False):
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion",
             "value": "reduce" if reduced_motion else "no-preference"}])

    def open(self, url):
        self.driver.get(url)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def text(self, selector):
        return self.script("return document.querySelector(arguments[0])?.textContent", selector)

    def count(self, selector):
        return self.script("return document.querySelectorAll(arguments[0]).length", selector)

    def is_shown(self, selector):
        return self.script(
            "const e = document.querySelector(arguments[0]);"
            "return !!e && e.getClientRects().length > 0", selector)

    def press(self, key, times=1):
        for _ in range(times):
            self.driver.switch_to.active_element.send_keys(key)

    def type(self, text):
        self.driver.switch_to.active_element.send_keys(text)

    def tab(self):
        self.driver.find_element(By.TAG_NAME, "body")
        self.press(Keys.TAB)

    def until(self, what, condition, seconds=15):
        """Waits for a change of the page; an AssertionError names what did not come."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"within {seconds} s there was not: {what}")

    def ready(self):
        """The first reading and the picture have arrived."""
        self.until("a reading", lambda: self.script(
            "return document.getElementById('connection').dataset.state") == "live")
        self.until("rows of GPUs or none", lambda: self.text("#verdict-word") != "Reading the machine")
        self.until("the picture", lambda: self.count("#topology svg") == 1)

    def console_errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """Addresses of everything the page asked for."""
        result = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                result.append(message["params"]["request"]["url"])
        return result

    def picture(self, path: pathlib.Path, full=True):
        """A PNG of the whole page."""
        if full:
            width = self.script("return window.innerWidth")
            before = self.script("return window.innerHeight")
            height = self.script("return document.documentElement.scrollHeight")
            self.size(width, height)
            time.sleep(0.3)
            self.driver.save_screenshot(str(path))
            self.size(width, before)
        else:
            self.driver.save_screenshot(str(path))


atexit.register(Browser.quit_all)
