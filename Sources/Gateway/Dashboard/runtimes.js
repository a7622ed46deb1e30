// The hosted runtimes: what each does, and what the gateway measures of the models.

import { Chat } from "./chat.js";
import { byID, make, reconcile, setData, setHidden, setText, setValue } from "./elements.js";
import { clock, count, figure, isKnown, plural, shortAddress, unknown } from "./format.js";
import { fetchJSON, fetchText } from "./stream.js";

/** The registry changes with events; steps of jobs change without one. Milliseconds. */
const patience = 10_000;
/** Tokens a second are those of so long, milliseconds. */
const rateSpan = 10_000;
/** First tokens are those of so long, milliseconds. */
const firstSpan = 60_000;

const states = {
  ready: { mark: "✓", word: "ready", verdict: "pass" },
  idle: { mark: "•", word: "idle, starts when it is asked", verdict: "info" },
  starting: { mark: "…", word: "starting", verdict: "info" },
  stopped: { mark: "–", word: "stopped", verdict: "info" },
  draining: { mark: "…", word: "ends its requests", verdict: "info" },
  failed: { mark: "✕", word: "failed", verdict: "fail" },
  "missing-gpu": { mark: "✕", word: "a GPU is missing", verdict: "fail" },
  "damaged-model": { mark: "✕", word: "its model is damaged", verdict: "fail" },
};

const chat = new Chat();
let registry;
let askedAt = -Infinity;
let askedFor;
/** Figures of the last minute, oldest first: `{at, families}`. */
let samples = [];
let isAsking = false;

export async function showRuntimes(reading) {
  // A slow answer is waited for: no second question beside it.
  if (isAsking) return;
  isAsking = true;
  const problems = [];
  try {
    await readRegistry(reading).catch((error) => problems.push(error));
    const runtimes = merge(reading.runtimes ?? [], registry);
    setHidden(byID("runtimes-part"), !runtimes.length);
    if (!runtimes.length) return;
    await readFigures().catch((error) => {
      samples = [];
      problems.push(error);
    });
    show(runtimes, reading.gpus);
    setText(byID("runtimes-note"), `Not current: ${problems.map((error) => error.message).join("; ")}.`);
    setHidden(byID("runtimes-note"), !problems.length);
  } finally {
    isAsking = false;
  }
}

async function readRegistry(reading) {
  const passed = performance.now() - askedAt;
  const hasSome = reading.runtimes?.length || registry?.instances.length || registry?.jobs?.length;
  if (reading.lastEvent === askedFor && (!hasSome || passed < patience)) return;
  askedAt = performance.now();
  askedFor = reading.lastEvent;
  registry = await fetchJSON("/api/v1/runtimes");
}

/** Runtimes by name: a reading has the state of now and the GPUs, the registry what is served. */
function merge(read, written) {
  const all = new Map();
  for (const job of written?.jobs ?? []) all.set(job.name, { ...job, isJob: true });
  for (const instance of written?.instances ?? []) all.set(instance.name, instance);
  for (const runtime of read) all.set(runtime.name, { ...all.get(runtime.name), ...runtime });
  return [...all.values()].sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
}

// Figures

/** Samples of a text in Prometheus' format: family to `[{labels, value}]`. */
function parse(text) {
  const families = new Map();
  for (const line of text.split("\n")) {
    const found = /^([a-z_]+)\{(.*)\} (\S+)$/.exec(line);
    if (!found) continue;
    const labels = {};
    for (const [, name, value] of found[2].matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[name] = value.replace(/\\(.)/g, (_, sign) => (sign === "n" ? "\n" : sign));
    }
    if (!families.has(found[1])) families.set(found[1], []);
    families.get(found[1]).push({ labels, value: Number(found[3]) });
  }
  return families;
}

async function readFigures() {
  const sample = { at: performance.now(), families: parse(await fetchText("/metrics/models")) };
  const last = samples.at(-1);
  const all = (one) => sum(one.families.get("tinybox_model_requests_total") ?? []);
  // The gateway counts from its start; and what was before a pause says nothing of now.
  if (last && (all(sample) < all(last) || sample.at - last.at > firstSpan)) samples = [];
  samples.push(sample);
  while (samples.length > 2 && sample.at - samples[1].at >= firstSpan) samples.shift();
}

const sum = (found) => found.reduce((total, one) => total + one.value, 0);

/** A value of a sample: 0 where a counter has not begun. */
const value = (sample, family, labels) =>
  sum((sample.families.get(`tinybox_model_${family}`) ?? []).filter((one) =>
    Object.entries(labels).every(([name, wanted]) => one.labels[name] === wanted)));

/** How much a counter grew in so long, and in how many seconds; undefined with one sample only. */
function growth(family, labels, span) {
  const last = samples.at(-1);
  if (samples.length < 2) return undefined;
  const first = samples.find((sample) => last.at - sample.at <= span) ?? last;
  const from = first === last ? samples.at(-2) : first;
  return {
    amount: value(last, family, labels) - value(from, family, labels),
    seconds: (last.at - from.at) / 1000,
  };
}

function models() {
  const names = new Set();
  for (const found of samples.at(-1)?.families.values() ?? []) {
    for (const one of found) if (one.labels.model !== undefined) names.add(one.labels.model);
  }
  return [...names].sort().map((name) => ({ name, ...figures({ model: name }) }));
}

function figures(labels) {
  const last = samples.at(-1);
  const tokens = growth("tokens_total", labels, rateSpan);
  const seconds = growth("first_token_seconds_sum", labels, firstSpan);
  const answers = growth("first_token_seconds_count", labels, firstSpan);
  const all = value(last, "first_token_seconds_count", labels);
  const errors = (last.families.get("tinybox_model_errors_total") ?? []).filter(
    (one) => one.labels.model === labels.model);
  return {
    rate: tokens && tokens.amount / tokens.seconds,
    first: answers?.amount > 0 ? seconds.amount / answers.amount : undefined,
    firstOfAll: all ? value(last, "first_token_seconds_sum", labels) / all : undefined,
    requests: value(last, "requests_total", labels),
    tokens: value(last, "tokens_total", labels),
    // A client that leaves has its reasons: no error of the model.
    errors: errors.filter((one) => one.labels.code !== "client_left"),
    left: sum(errors.filter((one) => one.labels.code === "client_left")),
  };
}

// Tables

function show(runtimes, gpus) {
  const numbers = new Map(gpus.map((gpu) => [gpu.address, gpu.number]));
  reconcile(
    byID("runtimes"), runtimes, (runtime) => runtime.name, buildRuntime,
    (element, runtime) => updateRuntime(element, runtime, numbers));
  const found = models();
  reconcile(byID("models"), found, (model) => model.name, buildModel, updateModel);
  setHidden(byID("models-scroll"), !found.length);
  setText(byID("models-none"), samples.length
    ? "Nobody has asked a model since the gateway started." : "Figures of the models are unknown.");
  setHidden(byID("models-none"), found.length > 0);
  chat.offer(runtimes.filter((runtime) => runtime.apis?.includes("chat")));
}

function buildRuntime() {
  const head = make("th", "", make("span", "subject"), make("span", "tag"));
  head.scope = "row";
  const mark = make("span", "mark");
  mark.setAttribute("aria-hidden", "true");
  const words = make("div", "", make("span", "now"), make("span", "tag since"), make("span", "why"));
  return make(
    "tr", "", head, make("td", "", make("div", "state", mark, words)), make("td"), make("td", "n"),
    make("td", "n"));
}

function updateRuntime(row, runtime, numbers) {
  const [head, { firstElementChild: state }, gpus, queue, restarts] = row.children;
  setText(head.querySelector(".subject"), runtime.name);
  setText(head.querySelector(".tag"), runtime.isJob ? "job" : runtime.model ?? "no model");
  const known = states[runtime.state] ?? { mark: "?", word: unknown, verdict: "unknown" };
  const word = runtime.isJob && runtime.state === "ready" ? "runs" : known.word;
  setData(state, "verdict", known.verdict);
  setText(state.querySelector(".mark"), known.mark);
  setValue(state.querySelector(".now"), word);
  setText(state.querySelector(".since"), runtime.since ? `since ${clock(runtime.since)}` : "");
  setText(state.querySelector(".why"), [runtime.reason, steps(runtime)].filter(Boolean).join(" "));
  const cards = runtime.gpus?.map((address) =>
    (isKnown(numbers.get(address)) ? `GPU${numbers.get(address)}` : shortAddress(address)));
  setValue(gpus, cards ? cards.join(", ") || "none" : unknown);
  setValue(queue, runtime.isJob ? "–" : queueText(runtime));
  setValue(restarts, isKnown(runtime.restarts) ? `${runtime.restarts}` : unknown);
}

function steps(job) {
  if (!isKnown(job.step)) return "";
  const of = isKnown(job.steps) ? ` of ${job.steps}` : "";
  const rate = isKnown(job.stepsPerSecond) ? `, ${figure(job.stepsPerSecond)}` : "";
  return `Step ${job.step}${of}${rate}`;
}

/** Runtimes of one model share a queue. */
function queueText(runtime) {
  if (!samples.length) return unknown;
  const labels = { queue: runtime.model ?? `instance ${runtime.name}` };
  const waiting = value(samples.at(-1), "queue_requests", labels);
  const running = value(samples.at(-1), "active_requests", labels);
  return `${waiting} waiting, ${running} running`;
}

function buildModel() {
  const head = make("th");
  head.scope = "row";
  const two = () => make("td", "n", make("span", "now"), make("span", "tag"));
  return make("tr", "", head, two(), two(), make("td", "n"), two());
}

function updateModel(row, model) {
  const [head, rate, first, requests, errors] = row.children;
  setText(head, model.name);
  const number = (amount) => `${Number(amount.toPrecision(3))}`;
  setText(rate.firstElementChild, isKnown(model.rate) ? number(Math.max(0, model.rate)) : "–");
  setText(rate.lastElementChild, `all: ${count(model.tokens)}`);
  setText(first.firstElementChild, isKnown(model.first) ? figure(model.first, "seconds") : "–");
  setText(first.lastElementChild, isKnown(model.firstOfAll)
    ? `all: ${figure(model.firstOfAll, "seconds")}` : "none yet");
  setText(requests, count(model.requests));
  const failed = sum(model.errors);
  setText(errors.firstElementChild, `${failed}`);
  errors.firstElementChild.classList.toggle("hot-text", failed > 0);
  const codes = model.errors.map((one) => `${one.value} ${one.labels.code}`);
  if (model.left) codes.push(`${plural(model.left, "client")} left`);
  setText(errors.lastElementChild, codes.join(", "));
}
