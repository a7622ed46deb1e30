// What happened, newest first.

import { byID, make, setHidden, setText } from "./elements.js";
import { clock, sentence, severities } from "./format.js";
import { fetchJSON } from "./stream.js";

/** For so long an event may be on its way, milliseconds. */
const patience = 3000;
/** More than this is for `tinyboxctl events` and the journal. */
const most = 300;

export class Events {
  /** Number of the newest event that is shown. */
  last = 0;
  /** Whether new events arrive by themselves. */
  isConnected = false;
  #wasLost = false;
  #behindSince;
  #loading;
  #list = byID("events");
  #none = byID("events-none");
  #filter = byID("severity");

  constructor() {
    this.#filter.addEventListener("change", () => this.#applyFilter());
  }

  /** The stream of events has begun. */
  connected() {
    this.isConnected = true;
    setHidden(byID("events-lost"), true);
    if (!this.#wasLost) return;
    this.#wasLost = false;
    // The numbers may have started anew meanwhile, and new events look like old ones then.
    this.load();
  }

  /**
   * The stream of events is lost.
   * @param why gives the reason, an Error, or undefined where it is not known.
   */
  async lost(why) {
    this.isConnected = false;
    this.#wasLost = true;
    const note = byID("events-lost");
    if (note.hidden) setText(note, "Events are not live.");
    setHidden(note, false);
    const reason = await why();
    if (reason && this.#wasLost) {
      setText(note, sentence(`Events are not live: ${reason.message}`, reason.next));
    }
  }

  /** Nothing comes, and nothing is wrong: the page is hidden. */
  wait() {
    this.isConnected = false;
    this.#wasLost = false;
    this.#behindSince = undefined;
    setHidden(byID("events-lost"), true);
  }

  /** Whether the newest event, by what a reading says, has been another for longer than a moment. */
  isBehind(newest) {
    if (newest === undefined || newest === this.last) {
      this.#behindSince = undefined;
      return false;
    }
    this.#behindSince ??= Date.now();
    if (Date.now() - this.#behindSince < patience) return false;
    this.#behindSince = undefined;
    return true;
  }

  /** Reads what there is; what is shown already is left alone. */
  load() {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #load() {
    // What the stream brings meanwhile is newer than the answer.
    const before = this.last;
    try {
      const document = await fetchJSON("/api/v1/events?limit=100");
      if (this.#hasStartedAnew(document, before)) {
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

  /** Whether the numbers are no longer those of what is shown: the daemon's state was removed. */
  #hasStartedAnew(document, before) {
    if (document.last < before) return true;
    const same = document.events.find((event) => event.id === before);
    const shown = this.#list.querySelector(`[data-id="${before}"] time`);
    return Boolean(same && shown && same.time !== shown.dateTime);
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
    setText(this.#none, isFiltered ? "No events of this severity." : "Nothing has happened yet.");
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
