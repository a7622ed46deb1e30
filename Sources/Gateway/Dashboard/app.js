// The page: streams in, elements out. Each part has its own file.

import { showBenchmarks } from "./benchmarks.js";
import { Connection } from "./connection.js";
import { byID, setText } from "./elements.js";
import { Events } from "./events.js";
import { clock } from "./format.js";
import { showOverview } from "./overview.js";
import { showPlacement } from "./placement.js";
import { showRuntimes } from "./runtimes.js";
import { showSetup } from "./setup.js";
import { Stream, whyLost } from "./stream.js";
import { showInterrupts, showTables } from "./tables.js";
import { Topology } from "./topology.js";

/** Seconds between two readings. */
const interval = 2;

const topology = new Topology(byID("topology"), byID("topology-note"));
const events = new Events();
const connection = new Connection();

const status = new Stream({
  address: () => `/api/v1/status/stream?seconds=${interval}`,
  name: "status",
  silence: 10,
  receive: showStatus,
  troubled: (reason) => connection.troubled(reason),
  changed: (state, wait) => {
    if (state === "live") connection.live();
    else connection.lost(wait, () => whyLost(status.address()));
  },
});
const eventStream = new Stream({
  address: () => `/api/v1/events/stream?after=${events.last}`,
  name: "event",
  receive: (event) => events.add(event),
  changed: (state) => {
    if (state === "live") events.connected();
    else events.lost(() => whyLost(eventStream.address()));
  },
});

function showStatus(reading) {
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
  showRuntimes(reading);
  showSetup();
  showBenchmarks(reading);
  topology.show(reading);
  if (events.isBehind(reading.lastEvent)) catchUp();
}

/** A connection can be dead and look alive: what it did not bring is fetched, and it is made anew. */
async function catchUp() {
  await events.load();
  if (events.isConnected) eventStream.retry();
}

async function startEvents() {
  await events.load();
  // The page may have been hidden meanwhile.
  if (document.visibilityState === "visible") eventStream.start();
}

/** A page that nobody sees costs nothing. */
function followVisibility() {
  if (document.visibilityState === "visible") {
    connection.wait("Connecting");
    status.start();
    startEvents();
  } else {
    status.stop();
    eventStream.stop();
    // What it shows when it is looked at again is old until a reading comes.
    connection.wait("Paused");
    events.wait();
  }
}

byID("retry").addEventListener("click", () => {
  status.retry();
  eventStream.retry();
});
document.addEventListener("visibilitychange", followVisibility);
followVisibility();
