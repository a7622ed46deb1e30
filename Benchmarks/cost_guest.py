#!/usr/bin/env python3
"""The half of Benchmarks/cost that runs in the virtual box: MINUTES ADDRESS UNIT..."""
import http.client
import json
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
    minutes, address, units = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    folders = {unit: group(unit) for unit in units}
    for attempt in range(60):
        try:
            scrape(address)
            break
        except OSError:
            time.sleep(1)
    time.sleep(SETTLE)

    woken = {unit: {} for unit in units}
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
    result = {"seconds": time.monotonic() - start, "units": {}}
    for unit, folder in folders.items():
        sizes = memory(folder)
        result["units"][unit] = {
            "cpu": cpu_seconds(folder) - begun[unit],
            "wakeups": sum(woken[unit].values()),
            "byThread": sorted(((n, c) for n, c in woken[unit].items() if c), key=lambda x: -x[1]),
            "threads": len(last[unit]),
            "rss": sizes["Rss"], "pss": sizes["Pss"], "anonymous": sizes["Anonymous"]}

    before, started, times = sum(map(cpu_seconds, folders.values())), time.monotonic(), []
    for _ in range(SCRAPES):
        seconds, result["series"] = scrape(address)
        times.append(seconds)
        time.sleep(SCRAPE_PAUSE)
    spent = sum(map(cpu_seconds, folders.values())) - before
    idle = sum(one["cpu"] for one in result["units"].values()) / result["seconds"]
    result["scrapeSeconds"] = statistics.median(times)
    result["scrapeCPU"] = max(0, spent - idle * (time.monotonic() - started)) / SCRAPES
    for unit, folder in folders.items():
        result["units"][unit]["anonymousAfter"] = memory(folder)["Anonymous"]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
