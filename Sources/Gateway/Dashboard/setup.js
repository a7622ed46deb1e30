// How far the first boot is: shown from its first stage until all are done, and where one failed what to do.

import { byID, make, reconcile, setData, setHidden, setText } from "./elements.js";
import { fetchJSON } from "./stream.js";

/** A run writes its status at every step. Milliseconds. */
const patience = 4_000;
/** Where nothing was begun, or all is done: somebody may begin. */
const longPatience = 60_000;

const states = {
  waiting: { mark: "…", word: "waits", verdict: "info" },
  "not-asked-for": { mark: "–", word: "not asked for", verdict: "info" },
  running: { mark: "…", word: "running", verdict: "info" },
  undoing: { mark: "…", word: "takes back what it began", verdict: "info" },
  failed: { mark: "✕", word: "failed", verdict: "fail" },
  done: { mark: "✓", word: "done", verdict: "pass" },
};

let due = -Infinity;
let isAsking = false;

export async function showSetup() {
  // A slow answer is waited for: no second question beside it.
  if (isAsking || performance.now() < due) return;
  isAsking = true;
  try {
    const setup = await fetchJSON("/api/v1/setup");
    const isOpen = setup.state === "running" || setup.state === "failed";
    due = performance.now() + (isOpen ? patience : longPatience);
    setHidden(byID("setup-part"), !isOpen);
    setHidden(byID("setup-note"), true);
    if (isOpen) show(setup);
  } catch (error) {
    due = performance.now() + patience;
    // What was shown is old; what was hidden is none the better for a note.
    setText(byID("setup-note"), `Not current: ${error.message}.`);
    setHidden(byID("setup-note"), false);
  } finally {
    isAsking = false;
  }
}

function show(setup) {
  const complete = setup.stages.filter((stage) => ["done", "not-asked-for"].includes(stage.state));
  const failed = setup.stages.filter((stage) => stage.state === "failed");
  const names = failed.map((stage) => stage.stage).join(", ");
  setText(
    byID("setup-line"),
    `${complete.length} of ${setup.stages.length} stages are complete.`
      + (failed.length ? ` Stopped at: ${names}.` : ""));
  reconcile(
    byID("setup"), setup.stages, (stage) => stage.stage, row,
    (element, stage) => update(element, stage));
}

function row() {
  const head = make("th");
  head.scope = "row";
  const mark = make("span", "mark");
  mark.setAttribute("aria-hidden", "true");
  const state = make("td", "", mark, " ", make("span", "word"));
  return make("tr", "", head, state, make("td", "pre"), make("td", "pre"));
}

function update(element, stage) {
  const [head, state, what, next] = element.children;
  const known = states[stage.state] ?? { mark: "?", word: stage.state, verdict: "info" };
  setText(head, stage.stage);
  setData(state, "verdict", known.verdict);
  setText(state.querySelector(".mark"), known.mark);
  setText(state.querySelector(".word"), known.word);
  const texts = stage.state === "done" ? stage.notes : stage.reason ? [stage.reason] : stage.steps;
  setText(what, texts.join("\n"));
  setText(next, stage.next ?? "");
}
