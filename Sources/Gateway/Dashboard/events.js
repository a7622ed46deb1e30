// What happened, newest first.

import { byID, make, setHidden, setText } from "./elements.js";
import { clock, severities } from "./format.js";
import { fetchJSON } from "./stream.js";

/** More than this is for `tinyboxctl events` and the journal. */
const most = 300;

export class Events {
  /** Number of the newest event that is shown. */
  last = 0;
  #list = byID("events");
  #none = byID("events-none");
  #filter = byID("severity");

  constructor() {
    this.#filter.addEventListener("change", () => this.#applyFilter());
  }

  /** Reads what there is; what is shown already is left alone. */
  async load() {
    try {
      const document = await fetchJSON("/api/v1/events?limit=100");
      // The numbers start anew when the state of the daemon was removed.
      if (document.last < this.last) {
        this.#list.replaceChildren();
        this.last = 0;
      }
      for (const event of document.events) this.#insert(event, false);
      this.last = Math.max(this.last, document.last);
      this.#applyFilter();
    } catch (error) {
      setText(this.#none, `Events are unknown: ${error.message}.`);
      setHidden(this.#none, this.#list.childElementCount > 0);
    }
  }

  /** A new event. */
  add(event) {
    if (!this.#insert(event, true)) return;
    this.#applyFilter();
    if (severities[event.severity]?.rank >= 2) {
      setText(byID("announce"), `${severities[event.severity].word}: ${event.message}`);
    }
  }

  #insert(event, isNew) {
    if (event.id <= this.last) return false;
    this.last = event.id;
    this.#list.prepend(row(event, isNew));
    while (this.#list.childElementCount > most) this.#list.lastElementChild.remove();
    return true;
  }

  #applyFilter() {
    const least = severities[this.#filter.value].rank;
    let shown = 0;
    for (const item of this.#list.children) {
      const isShown = Number(item.dataset.rank) >= least;
      setHidden(item, !isShown);
      if (isShown) shown += 1;
    }
    const isFiltered = this.#list.childElementCount > 0;
    setText(this.#none, isFiltered ? "None of this severity." : "Nothing has happened yet.");
    setHidden(this.#none, shown > 0);
  }
}

function row(event, isNew) {
  const severity = severities[event.severity] ?? severities.info;
  const mark = make("span", "mark", severity.mark);
  mark.setAttribute("aria-hidden", "true");
  const time = make("time", "", clock(event.time));
  time.dateTime = event.time;
  const word = make("span", "verdict-word", severity.word);
  const meta = make("p", "meta", word, " · ", time, ` · ${event.kind}`);
  if (event.subject) meta.append(` · ${event.subject}`);
  if (event.count > 1) meta.append(` · ${event.count} times`);
  const body = make("div", "", make("p", "", event.message), meta);
  if (event.cause) body.append(make("p", "meta", `by ${event.cause}`));
  const item = make("li", isNew ? "new" : "", mark, body);
  item.dataset.id = event.id;
  item.dataset.rank = severity.rank;
  item.dataset.verdict = severity.verdict;
  return item;
}
