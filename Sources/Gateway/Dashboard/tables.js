// Tables of devices and the heat map of interrupts.

import {
  byID, make, meterCell, reconcile, setData, setMeter, setText, setValue,
} from "./elements.js";
import {
  bitRate, bytes, celsius, count, isKnown, percent, shortAddress, unknown, watts,
} from "./format.js";

/** Above this a GPU's hottest sensor is shown as hot, degrees Celsius; the checks judge. */
const hot = 90;

export function showTables(reading) {
  reconcile(byID("gpus"), reading.gpus, (gpu) => gpu.address, buildGPU, updateGPU);
  reconcile(
    byID("drives"), reading.drives, (drive) => drive.address ?? drive.name, buildDrive,
    updateDrive);
  reconcile(
    byID("nics"), reading.nics, (nic) => `${nic.address ?? ""} ${nic.name}`, buildNIC, updateNIC);
}

function row(...cells) {
  const head = make("th");
  head.scope = "row";
  return make("tr", "", head, ...cells);
}

const cell = (classes = "") => make("td", classes);

// A link: what it runs at, and a word on it below.

const linkCell = () => make("td", "link", make("span", "now"), make("span", "tag"));

/** An idle GPU lowers the speed of its link, not the width: by itself that is no fault. */
function setLink(element, link) {
  setData(element, "linkVerdict", link?.isResting ? "resting" : link?.verdict ?? "unknown");
  // Where another link on the way is below, its own rate is the one to tell, as `DeviceLink.shown`.
  const now = link?.limiting ? link.limiting.current : link?.current;
  setValue(element.querySelector(".now"), now?.name ?? unknown);
  const most = link?.limiting?.possible?.name ?? link?.possible?.name ?? "what it can do";
  let tag = "";
  if (link?.isResting) tag = `idle, can do ${most}`;
  else if (link?.verdict === "below") tag = `▼ below ${most}`;
  else if (link?.verdict === "full") tag = "full";
  else if (link?.current) tag = "not judged";
  setText(element.querySelector(".tag"), tag);
}

function setTemperature(element, value) {
  setValue(element, isKnown(value) && value >= hot ? `${celsius(value)} hot` : celsius(value));
  element.classList.toggle("hot-text", isKnown(value) && value >= hot);
}

const ratio = (part, whole) => (isKnown(part) && whole > 0 ? part / whole : undefined);

// GPUs

function buildGPU() {
  return row(
    cell("model"), cell("n"), linkCell(), cell("n"), meterCell(), meterCell(), meterCell());
}

function updateGPU(element, gpu) {
  const [name, model, node, link, temperature, busy, memory, power] = element.children;
  setText(name, isKnown(gpu.number) ? `GPU${gpu.number}` : shortAddress(gpu.address));
  name.title = gpu.address;
  setValue(model, gpu.name ?? unknown);
  setValue(node, `${gpu.numaNode ?? unknown}`);
  setLink(link, gpu.link);
  setTemperature(temperature, gpu.temperatureCelsius);
  setMeter(busy, percent(gpu.busyShare), gpu.busyShare);
  setMeter(
    memory, pair(gpu.memoryUsedBytes, gpu.memoryTotalBytes, bytes),
    ratio(gpu.memoryUsedBytes, gpu.memoryTotalBytes), 0.95);
  setMeter(
    power, pair(gpu.powerWatts, gpu.powerCapWatts, watts),
    ratio(gpu.powerWatts, gpu.powerCapWatts), 0.97);
}

function pair(part, whole, format) {
  if (!isKnown(part) && !isKnown(whole)) return unknown;
  return `${format(part)} of ${format(whole)}`;
}

// Drives

function buildDrive() {
  return row(
    cell("model"), cell("n"), linkCell(), cell(), cell("n"), cell("n"), cell("n"));
}

function updateDrive(element, drive) {
  const [name, model, node, link, state, temperature, size, life] = element.children;
  setText(name, drive.name);
  setValue(model, drive.model ?? unknown);
  setValue(node, `${drive.numaNode ?? unknown}`);
  setLink(link, drive.link);
  setValue(state, drive.state ?? unknown);
  setValue(temperature, celsius(drive.temperatureCelsius));
  setValue(size, bytes(drive.capacityBytes));
  setValue(life, percent(drive.lifeUsedShare));
}

// Network interfaces

function buildNIC() {
  return row(cell("model"), cell("n"), linkCell(), cell("n"), cell());
}

function updateNIC(element, nic) {
  const [name, model, node, link, speed, state] = element.children;
  setText(name, nic.name);
  setValue(model, nic.model ?? unknown);
  setValue(node, `${nic.numaNode ?? unknown}`);
  setLink(link, nic.link);
  // A link that is down has no speed, which is known.
  const isDown = nic.carrier === false || nic.operationalState === "down";
  const hasNone = isDown && !isKnown(nic.speedBitsPerSecond);
  setValue(speed, hasNone ? "–" : bitRate(nic.speedBitsPerSecond));
  const signal = nic.carrier === false ? ", no carrier" : "";
  setValue(state, nic.operationalState ? nic.operationalState + signal : unknown);
}

// Interrupts

/** Counts of the reading before, by device, and when it was. */
let before = new Map();
let beforeTime;

export function showInterrupts(reading) {
  const nodes = reading.nodes.map((node) => `Node ${node.node}`);
  const names = ["Device", ...nodes, "Since boot", "Now"];
  reconcile(
    byID("interrupts-head"), names, (name, index) => `${index} ${name}`,
    (name) => {
      const head = make("th", name === "Device" ? "" : "n", name);
      head.scope = "col";
      return head;
    }, () => {});
  // The head of the page's source has no key.
  byID("interrupts-head").querySelector("th:not([data-key])")?.remove();
  const seconds = (Date.parse(reading.time) - beforeTime) / 1000;
  reconcile(
    byID("interrupts"), reading.interrupts, (device) => device.device,
    () => row(),
    (element, device) => updateInterrupts(element, device, reading.nodes, seconds));
  before = new Map(reading.interrupts.map((device) => [device.device, total(device)]));
  beforeTime = Date.parse(reading.time);
}

/** All interrupts of a device; not known where those of a node are not. */
export const total = (device) =>
  (device.handled?.every(isKnown) ? device.handled.reduce((sum, value) => sum + value, 0)
    : undefined);

function updateInterrupts(element, device, nodes, seconds) {
  setText(element.firstElementChild, device.name ?? shortAddress(device.device));
  element.firstElementChild.title = device.device;
  while (element.children.length > nodes.length + 3) element.lastElementChild.remove();
  while (element.children.length < nodes.length + 3) element.append(cell("n"));
  const all = total(device);
  for (const [index, node] of nodes.entries()) {
    setHeat(
      element.children[index + 1], ratio(device.handled?.[index], all),
      node.node === device.numaNode, all === 0 ? "none" : unknown);
  }
  setText(element.children[nodes.length + 1], count(all));
  const rate = (all - before.get(device.device)) / seconds;
  // Without a reading before it there is no rate.
  const isKnownRate = Number.isFinite(rate) && rate >= 0;
  let text = isKnownRate ? `${count(rate)}/s` : "–";
  if (!isKnown(all)) text = unknown;
  setText(element.children[nodes.length + 2], text);
}

/** @param without stands in for a share that there is none of. */
function setHeat(element, share, isOwn, without) {
  element.className = `cell${isOwn ? " is-own" : ""}${share ? "" : " soft"}`;
  const text = share === undefined ? without : percent(share);
  if (element.dataset.text !== `${isOwn} ${text}`) {
    element.dataset.text = `${isOwn} ${text}`;
    element.replaceChildren();
    if (isOwn) {
      const dot = make("span", "dot", "●");
      dot.setAttribute("aria-hidden", "true");
      element.append(dot, make("span", "hidden", "own node: "));
    }
    element.append(text);
  }
  const strength = share ? 0.08 + share * 0.42 : 0;
  element.style.background =
    strength ? `rgb(var(--${isOwn ? "own" : "other"}-rgb) / ${strength.toFixed(3)})` : "";
}
