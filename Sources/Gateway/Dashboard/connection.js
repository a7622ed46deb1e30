// Whether what the page shows is of now: the lamp at the top, and a banner that says why it is not.

import { byID, setData, setHidden, setText } from "./elements.js";
import { age, plural, sentence } from "./format.js";

export class Connection {
  #state = "waiting";
  /** When the last reading arrived here, and when the next try is due: milliseconds. */
  #arrived;
  #nextTry;
  #ticker;

  /** Nothing comes, and nothing is wrong: at the start, and while the page is hidden. */
  wait(word) {
    this.#enter("waiting", word);
    clearInterval(this.#ticker);
    setHidden(byID("lost"), true);
  }

  /** A reading has arrived. */
  live() {
    this.#arrived = Date.now();
    this.#enter("live", "Live");
    clearInterval(this.#ticker);
    setHidden(byID("lost"), true);
  }

  /**
   * Nothing comes any more; the next try is in `wait` seconds.
   * @param why gives the reason, an Error, or undefined where it is not known.
   */
  async lost(wait, why) {
    this.#nextTry = Date.now() + wait * 1000;
    const isNew = this.#state !== "lost";
    this.#enter("lost", "Not live");
    if (isNew) setText(byID("lost-what"), "The live connection is lost: what you see is old.");
    this.#tick();
    const reason = await why();
    if (reason && this.#state === "lost") {
      setText(byID("lost-what"), sentence(`Not live: ${reason.message}`, reason.next));
    }
  }

  /** The service answers, and says why it has no reading. */
  troubled(reason) {
    this.#nextTry = undefined;
    this.#enter("troubled", "Not live");
    const next = reason.next ?? "'tinyboxctl status' on the machine may show more";
    setText(byID("lost-what"), sentence(`Not live: ${reason.message}`, next));
    this.#tick();
  }

  #enter(state, word) {
    this.#state = state;
    setData(byID("connection"), "state", state === "troubled" ? "lost" : state);
    setText(byID("connection-text"), word);
  }

  #tick() {
    setHidden(byID("lost"), false);
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => this.#showAge(), 1000);
    this.#showAge();
  }

  #showAge() {
    const seconds = this.#arrived && (Date.now() - this.#arrived) / 1000;
    setText(
      byID("lost-age"),
      seconds === undefined ? "No reading has arrived yet." : `Last reading ${age(seconds)} ago.`);
    let next = "It is tried again every few seconds.";
    if (this.#nextTry !== undefined) {
      const left = Math.max(0, Math.ceil((this.#nextTry - Date.now()) / 1000));
      next = left ? `Next try in ${plural(left, "second")}.` : "Trying now.";
    }
    setText(byID("lost-next"), next);
  }
}
