// The verdict, the findings behind it, and the machine in a few numbers.

import {
  byID, make, reconcile, setData, setNumbers, setText, setTrack,
} from "./elements.js";
import { bytes, duration, isKnown, percent, plural, unknown, verdicts } from "./format.js";
import { fetchJSON } from "./stream.js";
import { total } from "./tables.js";

export function showOverview(reading) {
  const verdict = verdicts[reading.verdict] ?? verdicts.unknown;
  setData(byID("verdict"), "verdict", reading.verdict);
  setText(byID("verdict-mark"), verdict.mark);
  setText(byID("verdict-word"), verdict.line);
  setText(byID("verdict-counts"), counts(reading.checks));
  const used = difference(reading.memoryTotalBytes, reading.memoryAvailableBytes);
  setNumbers(byID("numbers"), [
    ["Up for", duration(reading.uptimeSeconds)],
    ["CPUs busy", percent(reading.cpuBusyShare)],
    ["Memory used", used === undefined
      ? unknown : `${bytes(used)} of ${bytes(reading.memoryTotalBytes)}`],
    ["GPU power", power(reading.gpus)],
    ["IRQs on own node", ownShare(reading)],
  ]);
  reconcile(
    byID("findings"), reading.findings,
    (finding) => [finding.check, finding.address, finding.subject].join("|"),
    buildFinding, updateFinding);
  reconcile(byID("nodes"), reading.nodes, (node) => `${node.node}`, buildNode, updateNode);
}

function counts(checks) {
  const parts = [];
  const add = (verdict, words) => {
    if (checks[verdict]) parts.push(words(checks[verdict]));
  };
  add("fail", (n) => `${plural(n, "check")} failed`);
  add("warn", (n) => plural(n, "warning"));
  add("unknown", (n) => `${n} unknown`);
  add("pass", (n) => `${n} passed`);
  const rest = checks.notApplicable ? ` (${checks.notApplicable} do not apply)` : "";
  return parts.length ? parts.join(", ") + rest : "No check has run yet.";
}

function difference(total, left) {
  return isKnown(total) && isKnown(left) ? total - left : undefined;
}

function power(gpus) {
  const known = gpus.filter((gpu) => isKnown(gpu.powerWatts));
  if (!known.length) return unknown;
  const sum = Math.round(known.reduce((all, gpu) => all + gpu.powerWatts, 0));
  const rest = gpus.length - known.length;
  return rest ? `${sum} W, ${rest} unknown` : `${sum} W`;
}

function ownShare(reading) {
  let own = 0;
  let all = 0;
  for (const device of reading.interrupts) {
    const place = reading.nodes.findIndex((node) => node.node === device.numaNode);
    const whole = total(device);
    if (place < 0 || !isKnown(whole)) continue;
    own += device.handled[place] ?? 0;
    all += whole;
  }
  return all ? percent(own / all) : unknown;
}

// Findings

function buildFinding(finding) {
  const mark = make("span", "mark");
  mark.setAttribute("aria-hidden", "true");
  const what = make(
    "p", "what", make("span", "verdict-word"), ": ", make("strong"), make("span", "summary"));
  const todo = make("p", "do", make("b", "", "Do first: "), make("span", "advice"));
  const details = make("details", "", make("summary", "", "Why, and what else to do"));
  details.addEventListener("toggle", () => {
    if (details.open) loadWhy(details, finding);
  });
  return make(
    "li", "finding", mark,
    make("div", "", what, todo, make("p", "meta", `check ${finding.check}`), details));
}

function updateFinding(element, finding) {
  const verdict = verdicts[finding.verdict] ?? verdicts.unknown;
  setData(element, "verdict", finding.verdict);
  setText(element.querySelector(".mark"), verdict.mark);
  setText(element.querySelector(".verdict-word"), verdict.word);
  setText(element.querySelector("strong"), finding.subject ? `${finding.subject}: ` : "");
  setText(element.querySelector(".summary"), finding.summary);
  element.querySelector(".do").hidden = !finding.advice;
  setText(element.querySelector(".advice"), finding.advice ?? "");
}

/** Evidence and advice are long: fetched when somebody asks. */
async function loadWhy(details, finding) {
  details.querySelector(".why")?.remove();
  const why = make("div", "why", make("p", "soft", "Reading …"));
  details.append(why);
  try {
    const report = await fetchJSON(`/api/v1/checks/${encodeURIComponent(finding.check)}`);
    const full = report.findings.find(
      (other) => other.subject === finding.subject && other.address === finding.address);
    why.replaceChildren(...explanation(full));
  } catch (error) {
    why.replaceChildren(make("p", "", `Not known: ${error.message}.`));
  }
}

function explanation(finding) {
  if (!finding) return [make("p", "", "The check does not find this any more.")];
  const parts = [];
  if (finding.consequence) parts.push(make("p", "", finding.consequence));
  for (const fact of finding.evidence ?? []) {
    parts.push(make("p", "soft", `${fact.fact}: ${fact.value} (${fact.path})`));
  }
  for (const [index, advice] of (finding.advice ?? []).entries()) {
    parts.push(make("p", "", `${index + 1}. ${advice.text}${advice.needsReboot
      ? " Takes effect at the next boot." : ""}`));
    if (advice.commands?.length) parts.push(make("pre", "mono", advice.commands.join("\n")));
    if (advice.risk) parts.push(make("p", "soft", `Risk: ${advice.risk}`));
  }
  return parts.length ? parts : [make("p", "", "There are no more details.")];
}

// Nodes

function buildNode() {
  const track = make("div", "track", make("span"));
  track.setAttribute("aria-hidden", "true");
  return make(
    "li", "", make("p", "name"), track, make("p", "memory"), make("p", "soft cpus"));
}

/** The CPUs of a node in words: none and unknown are not the same. */
function cpusText(cpus) {
  if (cpus === undefined) return "CPUs unknown";
  return cpus ? `CPUs ${cpus}` : "no CPUs";
}

function updateNode(element, node) {
  setText(element.querySelector(".name"), `Node ${node.node}`);
  const used = difference(node.memoryTotalBytes, node.memoryFreeBytes);
  const text = used === undefined
    ? "memory in use unknown" : `${bytes(used)} of ${bytes(node.memoryTotalBytes)} in use`;
  setText(element.querySelector(".memory"), text);
  setTrack(
    element.querySelector(".track"),
    used === undefined || !node.memoryTotalBytes ? undefined : used / node.memoryTotalBytes);
  setText(element.querySelector(".cpus"), cpusText(node.cpus));
}
