// Elements: made once, changed in place, so that focus and selection stay. Text from the machine
// goes through textContent only: names come from hardware and containers.

export const byID = (id) => document.getElementById(id);

/** A new element with classes, text and children. */
export function make(tag, classes = "", ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...children);
  return element;
}

/** Sets a text when it differs: an unchanged text is neither drawn nor read out again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a value, marked when it is not known. */
export function setValue(element, text) {
  setText(element, text);
  element.classList.toggle("unknown", text === "unknown");
}

export function setData(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

export function setHidden(element, isHidden) {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

/**
 * Makes the children of a list those of `items`, in their order. A child that is there stays the
 * same element: `build` makes a new one, `update` brings any up to date.
 */
export function reconcile(parent, items, key, build, update) {
  const old = new Map(Array.from(parent.children, (child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  const seen = new Map();
  for (const [index, item] of items.entries()) {
    const base = key(item, index);
    // Two of the same name are two.
    const times = (seen.get(base) ?? 0) + 1;
    seen.set(base, times);
    const name = times > 1 ? `${base} #${times}` : base;
    let child = old.get(name);
    if (child) {
      old.delete(name);
    } else {
      child = build(item);
      child.dataset.key = name;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
  for (const child of old.values()) child.remove();
}

/** A cell with a number and a bar below it. */
export function meterCell() {
  const track = make("div", "track", make("span"));
  track.setAttribute("aria-hidden", "true");
  return make("td", "wide-cell", make("div", "meter", make("span", "value"), track));
}

/** @param share 0 to 1; undefined when it is not known. */
export function setMeter(element, text, share, hotAbove = Infinity) {
  setValue(element.querySelector(".value"), text);
  setTrack(element.querySelector(".track"), share, hotAbove);
}

export function setTrack(track, share, hotAbove = Infinity) {
  const isKnown = share !== undefined && Number.isFinite(share);
  track.classList.toggle("untold", !isKnown);
  track.classList.toggle("hot", isKnown && share > hotAbove);
  const width = isKnown ? `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%` : "0";
  if (track.firstElementChild.style.width !== width) track.firstElementChild.style.width = width;
}

/** Terms and values: `[["Uptime", "3 d"]]`. */
export function setNumbers(list, pairs) {
  reconcile(
    list, pairs, (pair) => pair[0],
    (pair) => make("div", "", make("dt", "", pair[0]), make("dd")),
    (element, pair) => setValue(element.lastElementChild, pair[1]));
}
