// What is placed, what something changed since, and what apply would do.

import { byID, make, reconcile, setHidden, setNumbers, setText } from "./elements.js";
import { plural } from "./format.js";
import { fetchJSON } from "./stream.js";

/** What the list of planned changes was fetched for. */
let fetchedFor;

export function showPlacement(reading) {
  const placement = reading.placement;
  setText(byID("placement-line"), line(placement));
  const state = { none: "nothing placed", thisBoot: "in force", otherBoot: "undone by a reboot" };
  // Without a ledger's state the counts say nothing.
  const known = placement.ledger !== undefined;
  setNumbers(byID("placement-numbers"), [
    ["Mode", placement.mode ?? "unknown"],
    ["State", known ? state[placement.ledger] ?? placement.ledger : "unknown"],
    ["Hold", known ? `${placement.held}` : "unknown"],
    ["Changed since", known ? `${placement.drifted.length}` : "unknown"],
    ["Device gone", known ? `${placement.gone}` : "unknown"],
    ["Planned", known ? plural(placement.planned, "change") : "unknown"],
  ]);
  setHidden(byID("drifted-part"), !placement.drifted.length);
  reconcile(
    byID("drifted"), placement.drifted, (drift) => `${drift.subject}|${drift.setting}`,
    () => cells(4),
    (row, drift) => fill(row, [drift.subject, drift.setting, drift.desired, drift.actual]));
  showPlan(placement, reading.lastEvent);
}

function line(placement) {
  if (placement.problem) return `Not known: ${placement.problem}.`;
  if (placement.mode === "enforce") {
    return "Placed settings are put back when something changes them.";
  }
  if (placement.mode === "observe") {
    return "Placed settings are watched. A change is reported and stays.";
  }
  // Just after its start the daemon has not looked yet.
  if (placement.ledger === undefined) return "Not known yet.";
  return "The policy cannot be used, so no setting is put back.";
}

/**
 * The plan is long and changes rarely: fetched when something has happened or changed. Counts alone
 * can be those of another plan.
 */
async function showPlan(placement, lastEvent) {
  const key = JSON.stringify([placement.planned, placement.held, placement.drifted, lastEvent]);
  if (key === fetchedFor) return;
  fetchedFor = key;
  let changes = [];
  let isKnown = true;
  if (placement.planned) {
    try {
      const status = await fetchJSON("/api/v1/placement");
      changes = status.plan.changes.filter((change) => change.hasConsent !== false);
    } catch {
      isKnown = false;
    }
    // Another was asked for meanwhile.
    if (fetchedFor !== key) return;
  }
  // An old plan is worse than none; it is asked for again with the next reading.
  if (!isKnown) fetchedFor = undefined;
  setHidden(byID("planned-part"), !changes.length);
  reconcile(
    byID("planned"), changes, (change) => `${change.subject}|${setting(change.knob)}`,
    () => cells(5),
    (row, change) =>
      fill(row, [
        change.subject, setting(change.knob), change.old ?? "not set", change.new, change.why,
      ]));
}

function setting(knob) {
  if (knob.path) return knob.path;
  if (knob.unit) return `${knob.unit} ${knob.property ?? ""}`.trim();
  if (knob.interface) return `${knob.interface} ${knob.kind}`;
  return knob.kind;
}

function cells(number) {
  const head = make("th");
  head.scope = "row";
  return make("tr", "", head, ...Array.from({ length: number - 1 }, () => make("td", "pre")));
}

function fill(row, values) {
  for (const [index, value] of values.entries()) {
    setText(row.children[index], value ?? "unknown");
  }
}
