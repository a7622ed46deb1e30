#!/usr/bin/env python3
"""The half of Benchmarks/cost that runs in the virtual box: MINUTES NAME=ADDRESS=UNIT,UNIT..."""
import http.client
import json
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

SCRAPES = 20
# More than the second for which tinyboxd gives the same reading to all who ask.
SCRAPE_PAUSE = 1.2
SETTLE = 45


def group(unit):
    shown = subprocess.run(["systemctl", "show", "-p", "ControlGroup", "--value", unit],
                           check=True, capture_output=True, text=True).stdout.strip()
    if not shown:
        sys.exit(f"{unit} does not run")
    return Path("/sys/fs/cgroup" + shown)


def cpu_seconds(folder):
    for line in (folder / "cpu.stat").read_text().splitlines():
        if line.startswith("usage_usec "):
            return int(line.split()[1]) / 1e6
    sys.exit(f"no usage_usec in {folder}/cpu.stat")


def switches(folder):
    """Context switches of each thread, voluntary and not."""
    counts = {}
    for pid in (folder / "cgroup.procs").read_text().split():
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                status = (task / "status").read_text().splitlines()
            except OSError:
                continue                             # it has ended
            count = sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
            counts[int(task.name)] = (status[0].split("\t", 1)[1], count)
    return counts


def memory(folder):
    """KiB: resident, share of shared pages counted in proportion, anonymous."""
    sums = {"Rss": 0, "Pss": 0, "Anonymous": 0}
    for pid in (folder / "cgroup.procs").read_text().split():
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            key = line.split(":")[0]
            if key in sums:
                sums[key] += int(line.split()[1])
    return sums


class Daemon(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/tinybox/api.sock")


def ask(path):
    connection = Daemon("localhost", timeout=60)
    connection.request("GET", path)
    answer = json.load(connection.getresponse())
    connection.close()
    return answer


def checks_seconds(folder):
    """CPU time of a run of all checks with its reading: the least of three."""
    spent = []
    for _ in range(3):
        time.sleep(SCRAPE_PAUSE)
        before = cpu_seconds(folder)
        ask("/v1/checks")
        spent.append(cpu_seconds(folder) - before)
    return min(spent)


def scrape(address):
    connection = http.client.HTTPConnection(address, timeout=60)
    started = time.perf_counter()
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - started
    connection.close()
    if answer.status != 200:
        sys.exit(f"http://{address}/metrics answers {answer.status}: {body[:300]!r}")
    return seconds, sum(1 for line in body.splitlines() if line and not line.startswith(b"#"))


def main():
    minutes, pairs = float(sys.argv[1]), {}
    for word in sys.argv[2:]:
        name, address, units = word.split("=")
        pairs[name] = (address, units.split(","))
    folders = {unit: group(unit) for _, units in pairs.values() for unit in units}
    for address, _ in pairs.values():
        for _ in range(60):
            try:
                scrape(address)
                break
            except OSError:
                time.sleep(1)
    time.sleep(SETTLE)

    runs = ask("/v1/daemon")["counters"]["checkRuns"]
    woken = {unit: {} for unit in folders}
    last = {unit: switches(folder) for unit, folder in folders.items()}
    begun = {unit: cpu_seconds(folder) for unit, folder in folders.items()}
    start = time.monotonic()
    while (left := start + minutes * 60 - time.monotonic()) > 0:
        # Now and then, so that threads which end meanwhile are counted.
        time.sleep(min(left, 30))
        for unit, folder in folders.items():
            now = switches(folder)
            for thread, (name, count) in now.items():
                woken[unit][name] = (woken[unit].get(name, 0)
                                     + count - last[unit].get(thread, (name, 0))[1])
            last[unit] = now
    idle_seconds = time.monotonic() - start
    measured = {}
    for unit, folder in folders.items():
        sizes = memory(folder)
        measured[unit] = {
            "cpu": cpu_seconds(folder) - begun[unit],
            "wakeups": sum(woken[unit].values()),
            "byThread": sorted(((n, c) for n, c in woken[unit].items() if c), key=lambda x: -x[1]),
            "threads": len(last[unit]),
            "rss": sizes["Rss"], "pss": sizes["Pss"], "anonymous": sizes["Anonymous"]}

    daemon = ask("/v1/daemon")
    checks = {"interval": daemon["checkIntervalSeconds"],
              "runs": daemon["counters"]["checkRuns"] - runs,
              "cpu": checks_seconds(folders["tinyboxd.service"])}
    before = {unit: cpu_seconds(folder) for unit, folder in folders.items()}
    started, times, series = time.monotonic(), {name: [] for name in pairs}, {}
    for _ in range(SCRAPES):
        for name, (address, _) in pairs.items():
            seconds, series[name] = scrape(address)
            times[name].append(seconds)
        time.sleep(SCRAPE_PAUSE)
    scrape_seconds = time.monotonic() - started
    results = {}
    for name, (_, units) in pairs.items():
        spent = sum(cpu_seconds(folders[unit]) - before[unit] for unit in units)
        idle = sum(measured[unit]["cpu"] for unit in units) / idle_seconds
        for unit in units:
            measured[unit]["anonymousAfter"] = memory(folders[unit])["Anonymous"]
        results[name] = {
            "seconds": idle_seconds, "series": series[name],
            "units": {unit: measured[unit] for unit in units},
            "scrapeSeconds": statistics.median(times[name]),
            "scrapeCPU": max(0, spent - idle * scrape_seconds) / SCRAPES}
    print(json.dumps({"checks": checks, **results}))


if __name__ == "__main__":
    main()
