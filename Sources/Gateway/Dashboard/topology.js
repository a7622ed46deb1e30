// The picture of sockets, nodes, bridges and devices, with live values drawn into it.

import { make, setHidden, setText } from "./elements.js";
import { bitRate, celsius, isKnown, percent } from "./format.js";
import { fetchText } from "./stream.js";

/** A picture that could not be had is asked for again with the first reading after this. */
const retrySeconds = 20;
const namespace = "http://www.w3.org/2000/svg";
/** What is let in of the picture: nothing that runs, loads or has a style of its own. */
const elements = new Set(["svg", "g", "title", "desc", "rect", "polyline", "text"]);
const attributes = new Set([
  "xmlns", "viewBox", "role", "aria-labelledby", "id", "class", "x", "y", "width", "height", "rx",
  "points", "font-size", "text-anchor", "data-device", "data-link", "data-rate", "data-note",
]);

export class Topology {
  #place;
  #note;
  #picture;
  #reading;
  /** The devices the picture was asked for. */
  #devices;
  /** What stood below each link. */
  #notes = new Map();

  /** @param note says that the picture is old. */
  constructor(place, note) {
    this.#place = place;
    this.#note = note;
  }

  /** Shows a reading; the picture itself is fetched when devices come or go. */
  show(reading) {
    this.#reading = reading;
    // What is shown is of now, whether or not there will be another picture.
    this.#draw();
    const devices = devicesOf(reading).map((device) => device.address ?? device.name).join(" ");
    if (devices === this.#devices) return;
    this.#devices = devices;
    this.#fetch(devices);
  }

  async #fetch(devices) {
    let picture;
    let failure;
    try {
      picture = parse(await fetchText("/api/v1/topology.svg"));
    } catch (error) {
      failure = error;
    }
    // Devices came or went again meanwhile.
    if (devices !== this.#devices) return;
    if (picture) {
      this.#picture = picture;
      this.#notes.clear();
      this.#place.replaceChildren(picture);
      this.#draw();
    } else {
      setTimeout(() => {
        if (devices === this.#devices) this.#devices = undefined;
      }, retrySeconds * 1000);
      if (!this.#picture) {
        this.#place.replaceChildren(make("p", "none", `No picture: ${failure.message}.`));
      }
    }
    setHidden(this.#note, !failure || !this.#picture);
    if (failure) {
      setText(
        this.#note, `The picture is old, devices have come or gone since: ${failure.message}.`);
    }
  }

  #draw() {
    if (!this.#picture) return;
    const reading = this.#reading;
    for (const gpu of reading.gpus) {
      this.#show(gpu, `${load(gpu)} · ${heat(gpu)}`, gpu.busyShare, gpu.temperatureCelsius >= 90);
    }
    for (const drive of reading.drives) {
      this.#show(drive, `${drive.state ?? "state unknown"} · ${heat(drive)}`);
    }
    for (const nic of reading.nics) {
      const speed = isKnown(nic.speedBitsPerSecond) ? ` · ${bitRate(nic.speedBitsPerSecond)}` : "";
      this.#show(nic, `${nic.operationalState ?? "state unknown"}${speed}`);
      // The picture has the speed of when it was drawn at the right.
      if (nic.address) this.#find("device", nic.address)?.querySelector("[text-anchor]")?.remove();
    }
    this.#forget(new Set(devicesOf(reading).map((device) => device.address)));
  }

  /** What was shown of devices that are not there any more is not of now. */
  #forget(addresses) {
    for (const line of this.#picture.querySelectorAll("[data-device] .live-text")) {
      const group = line.closest("[data-device]");
      const address = group.dataset.device;
      if (addresses.has(address)) continue;
      setText(line, "gone");
      line.setAttribute("class", "soft live-text gone");
      for (const bar of group.querySelectorAll(".live-track, .live-load")) bar.remove();
      this.#link(address, {});
    }
  }

  #find(kind, address) {
    return this.#picture.querySelector(`[data-${kind}="${CSS.escape(address)}"]`);
  }

  #show(device, text, share, isHot = false) {
    if (!device.address) return;
    this.#link(device.address, device.link);
    const group = this.#find("device", device.address);
    const box = group?.querySelector("rect.device");
    if (!box) return;
    // The line of the model makes room: the model stays in the tooltip and in the table.
    const line = group.querySelector(".live-text") ?? [...group.querySelectorAll("text")].at(-1);
    line.setAttribute("class", `soft live-text${isHot ? " hot" : ""}`);
    setText(line, text);
    if (isKnown(share)) this.#bar(group, box, share);
    else for (const bar of group.querySelectorAll(".live-track, .live-load")) bar.remove();
  }

  #bar(group, box, share) {
    const whole = Number(box.getAttribute("width")) - 26;
    let load = group.querySelector(".live-load");
    if (!load) {
      const make = (name) => {
        const bar = document.createElementNS(namespace, "rect");
        bar.setAttribute("class", name);
        bar.setAttribute("x", Number(box.getAttribute("x")) + 13);
        bar.setAttribute("y", Number(box.getAttribute("y")) + 34);
        bar.setAttribute("width", whole);
        bar.setAttribute("height", 2.5);
        group.append(bar);
        return bar;
      };
      make("live-track");
      load = make("live-load");
    }
    load.setAttribute("width", (whole * Math.min(1, Math.max(0, share))).toFixed(1));
  }

  /** The link above a device: dashed and labelled when it is below what it can do. */
  #link(address, link) {
    const line = this.#find("link", address);
    const rate = this.#find("rate", address);
    // Without a word of it the picture's own stays, until there was one.
    if (!line || !rate || (!link && !rate.dataset.isLive)) return;
    rate.dataset.isLive = "yes";
    const { verdict } = link ?? {};
    const current = (link?.limiting?.current ?? link?.current)?.name;
    const possible = (link?.limiting?.possible ?? link?.possible)?.name;
    const isBelow = verdict === "below";
    line.setAttribute("class", isBelow ? "below" : current ? "link" : "unknown");
    setText(rate, current ? `${isBelow ? "now " : ""}${current}` : "link unknown");
    rate.setAttribute("class", isBelow ? "low" : current ? "plain" : "soft");
    let note = this.#find("note", address);
    if (!note) {
      if (!isBelow) return;
      note = rate.cloneNode();
      note.removeAttribute("data-rate");
      note.setAttribute("data-note", address);
      note.setAttribute("y", Number(rate.getAttribute("y")) + 18);
      rate.after(note);
    }
    if (!this.#notes.has(address)) {
      const text = note.textContent.startsWith("of ") ? "" : note.textContent;
      this.#notes.set(address, { text, class: text ? note.getAttribute("class") : "soft" });
    }
    const before = this.#notes.get(address);
    setText(note, isBelow && possible ? `of ${possible}` : before.text);
    note.setAttribute("class", isBelow ? "low" : before.class);
  }
}

const devicesOf = (reading) => [...reading.gpus, ...reading.drives, ...reading.nics];

const load = (gpu) => (isKnown(gpu.busyShare) ? `${percent(gpu.busyShare)} busy` : "load unknown");

const heat = (device) =>
  (isKnown(device.temperatureCelsius) ? celsius(device.temperatureCelsius) : "temperature unknown");

/** An element of this page made from the text of a picture. */
function parse(text) {
  // The picture's style sheet is for files; the page has its own, and the policy forbids others.
  const plain = text.replace(/<style>[^<]*<\/style>/g, "");
  const picture = new DOMParser().parseFromString(plain, "image/svg+xml").documentElement;
  if (picture.localName !== "svg") throw new Error("the answer is no picture");
  for (const element of [picture, ...picture.querySelectorAll("*")]) {
    if (!elements.has(element.localName)) {
      element.remove();
      continue;
    }
    for (const { name } of [...element.attributes]) {
      if (!attributes.has(name)) element.removeAttribute(name);
    }
  }
  trim(picture);
  return document.importNode(picture, true);
}

/** Takes away the heading and the margin, which the page has already. */
function trim(picture) {
  const [width, height] = ["width", "height"].map((name) => Number(picture.getAttribute(name)));
  picture.removeAttribute("width");
  picture.removeAttribute("height");
  const title = picture.querySelector("text.title");
  if (!title || !(width > 100 && height > 200)) return;
  if (title.nextElementSibling?.matches("text.soft")) title.nextElementSibling.remove();
  title.remove();
  picture.setAttribute("viewBox", `23 83 ${width - 46} ${height - 106}`);
}
