// A stream of server-sent events that is tried again, later and later, until it is there.

const longestWait = 30;

export class Stream {
  #source;
  #timer;
  #watch;
  #attempt = 0;
  #isWanted = false;

  /**
   * @param address a function: a stream of events goes on after the newest one.
   * @param name the name of the events.
   * @param receive is given each document.
   * @param troubled is given the reason, an Error, when the service has no document to send.
   * @param changed is given `live`, or `lost` with the seconds until the next try.
   * @param silence seconds without a document after which the stream counts as lost; 0 for one
   *   that may be silent.
   */
  constructor({ address, name, receive, changed, troubled = () => {}, silence = 0 }) {
    Object.assign(this, { address, name, receive, changed, troubled, silence });
  }

  start() {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#attempt = 0;
    this.#open();
  }

  stop() {
    this.#isWanted = false;
    this.#close();
  }

  /** Tries at once. */
  retry() {
    if (!this.#isWanted) return;
    this.#attempt = 0;
    this.#close();
    this.#open();
  }

  #open() {
    const source = new EventSource(this.address());
    this.#source = source;
    source.addEventListener("open", () => {
      if (!this.silence) this.#arrived();
    });
    source.addEventListener(this.name, (event) => {
      let document;
      try {
        document = JSON.parse(event.data);
      } catch {
        this.#failed();
        return;
      }
      this.#arrived();
      this.receive(document);
    });
    source.addEventListener("problem", (event) => {
      // The connection is good: what it is about cannot be read.
      this.#attempt = 0;
      this.#expect();
      this.troubled(reasonOf(event.data) ?? new Error("the service gave no reason"));
    });
    source.addEventListener("error", () => this.#failed());
    this.#expect();
  }

  #arrived() {
    this.#attempt = 0;
    this.#expect();
    this.changed("live");
  }

  /** A connection can die without a word: cable pulled, laptop asleep. */
  #expect() {
    clearTimeout(this.#watch);
    if (this.silence) this.#watch = setTimeout(() => this.#failed(), this.silence * 1000);
  }

  #failed() {
    this.#close();
    if (!this.#isWanted) return;
    // Scattered, so that all open pages do not come back in the same moment.
    const wait = Math.min(longestWait, 2 ** this.#attempt) * (0.8 + Math.random() * 0.4);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#open(), wait * 1000);
    this.changed("lost", wait);
  }

  #close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#source?.close();
    this.#source = undefined;
  }
}

/** The reason in a problem document: an Error, with what to do `next`. Nothing for other texts. */
function reasonOf(text) {
  try {
    const problem = JSON.parse(text);
    if (!problem.step) return undefined;
    const reason = new Error(`cannot ${problem.step}: ${problem.cause}`);
    reason.next = problem.hint;
    return reason;
  } catch {
    return undefined;
  }
}

/** Asks; throws an Error that tells what failed. */
async function ask(path) {
  let answer;
  try {
    answer = await fetch(path, { signal: AbortSignal.timeout(10_000) });
  } catch {
    throw new Error("the gateway cannot be reached");
  }
  if (answer.ok) return answer;
  if (answer.status === 401) throw new Error("you are not signed in any more; load the page again");
  throw reasonOf(await answer.text()) ?? new Error(`the gateway answered ${answer.status}`);
}

/** Fetches a text; throws an Error that tells what failed. */
export const fetchText = async (path) => (await ask(path)).text();

export const fetchJSON = async (path) => JSON.parse(await fetchText(path));

/** Why a stream is lost, an Error: the stream does not say, but an ordinary request for the same does. */
export async function whyLost(address) {
  try {
    await (await ask(address)).body.cancel();
    return undefined;
  } catch (error) {
    return error;
  }
}
