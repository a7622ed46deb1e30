#!/usr/bin/env python3
"""Checks docs/grafana/tinybox.json and docs/prometheus/prometheus.yml.

Every expression must parse (promtool, of the Debian package prometheus), name only metrics that
docs/metrics.md lists with labels it lists for them, and be limited to the hosts that are chosen.
Panels must not overlap and must have ids of their own.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DASHBOARD = ROOT / "docs/grafana/tinybox.json"
SCRAPE = ROOT / "docs/prometheus/prometheus.yml"


def families():
    """Labels of each metric, by its name, from the table of docs/metrics.md."""
    result = {}
    for line in (ROOT / "docs/metrics.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 5 and cells[1].startswith("`tinybox_"):
            result[cells[1].strip("`")] = set(re.findall(r"`(\w+)`", cells[4]))
    return result


def targets(panels):
    for panel in panels:
        for target in panel.get("targets", []):
            yield panel["title"], target
        yield from targets(panel.get("panels", []))


def plain(expression):
    """What Grafana makes of it, with any values."""
    return (expression.replace("$__rate_interval", "5m").replace("$__range", "6h")
            .replace("$host", ".*"))


def check_expression(title, target, known):
    expression, found = target["expr"], []
    for name, selector in re.findall(r"\b(tinybox_\w+)(\{[^}]*\})?", expression):
        if name not in known:
            found.append(f"{title}: no such metric: {name}")
            continue
        if 'instance=~"$host"' not in selector:
            found.append(f"{title}: {name} is not limited to the chosen hosts")
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector):
            if label != "instance" and label not in known[name]:
                found.append(f"{title}: {name} has no label {label}")
    every = set().union(*known.values()) | {"instance"}
    grouped = re.findall(r"\b(?:by|on|group_left|ignoring|without)\s*\(([^()]*)\)", expression)
    labels = {label.strip() for group in grouped for label in group.split(",") if label.strip()}
    labels |= set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))
    for label in sorted(labels - every):
        found.append(f"{title}: no metric has a label {label}")
    if "$" in plain(expression):
        found.append(f"{title}: a variable that is not known: {expression}")
    return found


def check_layout(panels):
    found, taken, ids = [], {}, [panel["id"] for panel in panels]
    if len(ids) != len(set(ids)):
        found.append("two panels have the same id")
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            found.append(f"{panel['title']}: wider than the page")
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in taken:
                    found.append(f"{panel['title']} lies over {taken[x, y]}")
                    return found
                taken[x, y] = panel["title"]
    return found


def promtool(*arguments):
    result = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    return [] if result.returncode == 0 else [(result.stdout + result.stderr).strip()]


def parse(expressions):
    """Has promtool parse the expressions as recording rules."""
    groups = {"groups": [{"name": "dashboard", "rules": [
        {"record": f"dashboard:panel_{number}", "expr": plain(expression)}
        for number, expression in enumerate(expressions)]}]}
    with tempfile.TemporaryDirectory() as folder:
        # JSON is YAML.
        rules = pathlib.Path(folder) / "rules.yml"
        rules.write_text(json.dumps(groups))
        return promtool("check", "rules", str(rules))


def main():
    if not shutil.which("promtool"):
        print("check_grafana: promtool is missing: install the package prometheus")
        return 1
    dashboard, known = json.loads(DASHBOARD.read_text()), families()
    every = list(targets(dashboard["panels"]))
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    found = [] if variables == {"datasource", "host"} else [f"variables are {variables}"]
    if len(known) < 50 or len(every) < 30:
        found.append(f"{len(known)} metrics and {len(every)} expressions: too few to be all")
    for title, target in every:
        found += check_expression(title, target, known)
    found += check_layout(dashboard["panels"]) + parse([target["expr"] for _, target in every])
    found += promtool("check", "config", "--syntax-only", str(SCRAPE))
    for line in found:
        print(f"check_grafana: {line}")
    used = {name for _, target in every for name in re.findall(r"\btinybox_\w+", target["expr"])}
    print(f"check_grafana: {len(every)} expressions of {len(used)} metrics, {len(found)} mistakes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
