// What the box delivers: each series of benchmarks with its last figures, and what has changed.

import {
  byID, make, meterCell, reconcile, setData, setHidden, setMeter, setText, setValue,
} from "./elements.js";
import { clock, figure, isKnown, percent, signedPercent, unknown } from "./format.js";
import { fetchJSON } from "./stream.js";

/** Runs are days apart: asked for again after so long, and sooner when something happened. Milliseconds. */
const patience = 300_000;
const leastPatience = 30_000;
/** Changes that are shown; the others are counted. */
const most = 20;

let askedAt = -Infinity;
let askedFor;

export async function showBenchmarks(reading) {
  const passed = performance.now() - askedAt;
  if (passed < leastPatience || (passed < patience && reading.lastEvent === askedFor)) return;
  askedAt = performance.now();
  askedFor = reading.lastEvent;
  const note = byID("benchmarks-note");
  try {
    const [list, open] = await Promise.all(
      ["series", "changes"].map((name) => fetchJSON(`/api/v1/benchmarks/${name}`)));
    const series = list.series.filter((entry) => entry.recent.length);
    showChanges(byCause(open.changes));
    reconcile(byID("benchmarks"), series, (entry) => entry.series.key, buildSeries, updateSeries);
    setHidden(note, true);
    setHidden(byID("benchmarks-part"), !series.length && !open.changes.length);
  } catch (error) {
    setText(note, `The history of benchmarks is not current: ${error.message}.`);
    setHidden(note, false);
    setHidden(byID("benchmarks-part"), false);
  }
}

// Changes

const kinds = {
  decline: { mark: "!", word: "Decline", verdict: "warn" },
  drift: { mark: "!", word: "Slow decline", verdict: "warn" },
  suspicion: { mark: "?", word: "Suspicion", verdict: "unknown" },
  contextChange: { mark: "•", word: "Facts changed", verdict: "info" },
  improvement: { mark: "✓", word: "Improvement", verdict: "pass" },
};

/** Changes with one cause as one, as tinyboxd groups them for events and checks; the worst kinds first. */
function byCause(changes) {
  const groups = new Map();
  for (const change of changes) {
    const why = change.explanation.length ? change.explanation : ["", change.time];
    const key = JSON.stringify([change.verdict, ...why]);
    if (!groups.has(key)) groups.set(key, { key, changes: [] });
    groups.get(key).changes.push(change);
  }
  const order = Object.keys(kinds);
  const rank = (group) => order.indexOf(group.changes[0].verdict);
  return [...groups.values()].sort((one, other) => rank(one) - rank(other));
}

function showChanges(groups) {
  reconcile(
    byID("benchmark-changes"), groups.slice(0, most), (group) => group.key, buildChange,
    updateChange);
  const more = byID("benchmark-changes-more");
  setHidden(more, groups.length <= most);
  setText(
    more, `${groups.length - most} more: 'tinyboxctl benchmark history' shows them by series.`);
}

function buildChange() {
  const mark = make("span", "mark");
  mark.setAttribute("aria-hidden", "true");
  const what = make(
    "p", "what", make("span", "verdict-word"), ": ", make("strong"), make("span", "summary"));
  return make("li", "finding", mark, make("div", "", what, make("p", "meta")));
}

function updateChange(element, { changes }) {
  const change = changes[0];
  const kind = kinds[change.verdict] ?? { mark: "•", word: change.verdict, verdict: "info" };
  const rest = changes.length > 1 ? ` and ${changes.length - 1} more` : "";
  const why = change.explanation.join("; ") || "no known cause";
  const share = ratio(change.after, change.before);
  const amount = isKnown(share) ? `${signedPercent(share - 1)} since ` : "since ";
  setData(element, "verdict", kind.verdict);
  setText(element.querySelector(".mark"), kind.mark);
  setText(element.querySelector(".verdict-word"), kind.word);
  setText(element.querySelector("strong"), `${change.series}${rest}: `);
  setText(element.querySelector(".summary"), `${amount}${clock(change.time)}, ${why}`);
  setText(
    element.querySelector(".meta"),
    "If it is meant, acknowledge its number with 'tinyboxctl benchmark acknowledge': "
    + changes.map((one) => one.id).join(", "));
}

// Series

const ratio = (part, whole) => (isKnown(part) && whole > 0 ? part / whole : undefined);

function buildSeries() {
  const head = make("th", "", make("span", "subject"), make("span", "tag"));
  head.scope = "row";
  return make(
    "tr", "", head, make("td"), make("td", "n"), meterCell(),
    make("td", "n", make("span", "change"), make("span", "tag")), make("td", "", buildPlot()),
    make("td", "n"));
}

function updateSeries(row, entry) {
  const { series, recent, ceiling, medianBefore } = entry;
  const [head, metric, newest, share, change, plot, time] = row.children;
  const latest = recent.at(-1);
  setText(head.querySelector(".subject"), series.subject);
  setText(head.querySelector(".tag"), series.key);
  setText(metric, series.metric);
  setValue(newest, figure(latest.value, series.unit));
  // Of a time the ceiling is the least one.
  const part = series.better === "lower"
    ? ratio(ceiling, latest.value) : ratio(latest.value, ceiling);
  setMeter(
    share, isKnown(part) ? `${percent(part)} of ${figure(ceiling, series.unit)}` : unknown, part);
  const moved = ratio(latest.value, medianBefore);
  setText(change.querySelector(".change"), isKnown(moved) ? signedPercent(moved - 1) : "–");
  setText(change.querySelector(".tag"), entry.change ? kinds[entry.change.verdict]?.word ?? "" : "");
  updatePlot(plot.firstElementChild, recent.map((point) => point.value), series.unit);
  setText(time, clock(latest.time));
}

// Small plots

const namespace = "http://www.w3.org/2000/svg";
const size = { width: 130, height: 26, margin: 3 };
/** A plot spans at least this share of its level, so that noise of a percent does not look like a fall. */
const leastSpan = 0.1;

function buildPlot() {
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("class", "small-plot");
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  svg.setAttribute("role", "img");
  svg.append(...["polyline", "circle"].map((name) => document.createElementNS(namespace, name)));
  svg.lastElementChild.setAttribute("r", "2.2");
  return svg;
}

function updatePlot(svg, values, unit) {
  const [line, dot] = svg.children;
  const low = Math.min(...values);
  const high = Math.max(...values);
  const middle = (low + high) / 2;
  const span = Math.max(high - low, Math.abs(middle) * leastSpan) || 1;
  const step = values.length > 1 ? (size.width - 2 * size.margin) / (values.length - 1) : 0;
  const places = values.map((value, index) => [
    values.length > 1 ? size.margin + index * step : size.width / 2,
    size.height / 2 - ((value - middle) / span) * (size.height - 2 * size.margin),
  ].map((number) => number.toFixed(1)));
  line.setAttribute("points", places.map((place) => place.join(",")).join(" "));
  dot.setAttribute("cx", places.at(-1)[0]);
  dot.setAttribute("cy", places.at(-1)[1]);
  svg.setAttribute(
    "aria-label",
    `last ${values.length}, lowest ${figure(low, unit)}, highest ${figure(high, unit)}`);
}
