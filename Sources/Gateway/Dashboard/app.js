// The page: streams in, elements out. Each part has its own file.

import { byID, setData, setHidden, setText } from "./elements.js";
import { Events } from "./events.js";
import { clock, plural } from "./format.js";
import { showOverview } from "./overview.js";
import { showPlacement } from "./placement.js";
import { Stream, fetchJSON } from "./stream.js";
import { showInterrupts, showTables } from "./tables.js";
import { Topology } from "./topology.js";

/** Seconds between two readings. */
const interval = 2;

const topology = new Topology(byID("topology"));
const events = new Events();
/** When the last reading arrived here, and when the next try is due: milliseconds. */
let arrived;
let nextTry;
let ticker;
let isLost = false;

const status = new Stream({
  address: () => `/api/v1/status/stream?seconds=${interval}`,
  name: "status",
  silence: 10,
  receive: showStatus,
  changed: (state, wait) => (state === "live" ? showLive() : showLost(wait)),
});
const eventStream = new Stream({
  address: () => `/api/v1/events/stream?after=${events.last}`,
  name: "event",
  receive: (event) => events.add(event),
  changed: () => {},
});

function showStatus(reading) {
  arrived = Date.now();
  const name = reading.hostName ?? "unknown host";
  setText(byID("host"), name);
  setText(
    byID("machine"),
    [reading.machine, reading.processor, reading.kernel && `kernel ${reading.kernel}`]
      .filter(Boolean).join(" · "));
  const problems = reading.findings.length;
  document.title = `${problems ? `(${problems}) ` : ""}${name} · tinybox`;
  setText(byID("reading"), `Read at ${clock(reading.time)}`);
  showOverview(reading);
  showTables(reading);
  showInterrupts(reading);
  showPlacement(reading);
  topology.show(reading);
}

function showLive() {
  isLost = false;
  clearInterval(ticker);
  setData(byID("connection"), "state", "live");
  setText(byID("connection-text"), "Live");
  setHidden(byID("lost"), true);
}

function showLost(wait) {
  nextTry = Date.now() + wait * 1000;
  setData(byID("connection"), "state", "lost");
  setText(byID("connection-text"), "Not live");
  setHidden(byID("lost"), false);
  if (!isLost) {
    isLost = true;
    setText(byID("lost-what"), "The live connection is lost: what you see is old.");
  }
  tick();
  explainLoss();
}

function tick() {
  clearInterval(ticker);
  ticker = setInterval(showAge, 1000);
  showAge();
}

function showAge() {
  const age = arrived ? Math.round((Date.now() - arrived) / 1000) : undefined;
  setText(
    byID("lost-age"),
    age === undefined ? "No reading has arrived yet." : `Last reading ${age} s ago.`);
  const left = Math.max(0, Math.ceil((nextTry - Date.now()) / 1000));
  setText(byID("lost-next"), left ? `Next try in ${plural(left, "second")}.` : "Trying now.");
}

/** A stream does not tell why it failed; an ordinary request does. */
async function explainLoss() {
  try {
    await fetchJSON("/api/v1/daemon");
  } catch (error) {
    if (isLost) setText(byID("lost-what"), `Not live: ${error.message}.`);
  }
}

async function startEvents() {
  await events.load();
  // The page may have been hidden meanwhile.
  if (document.visibilityState === "visible") eventStream.start();
}

/** A page that nobody sees costs nothing. */
function followVisibility() {
  if (document.visibilityState === "visible") {
    if (isLost) tick();
    status.start();
    startEvents();
  } else {
    status.stop();
    eventStream.stop();
    clearInterval(ticker);
  }
}

byID("retry").addEventListener("click", () => {
  status.retry();
  eventStream.retry();
});
document.addEventListener("visibilitychange", followVisibility);
followVisibility();
