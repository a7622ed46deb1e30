// A chat with a model, through the same door as every other client. What a model writes is text.

import { byID, make, reconcile, setHidden, setText } from "./elements.js";
import { plural, sentence } from "./format.js";

/** What to do after an error, by its code. */
const hints = {
  runtime_stopped: (name) => `'sudo tinyboxctl runtime start ${name}' starts it`,
  runtime_failed: (name) => `'tinyboxctl runtime logs ${name}' shows why`,
  runtime_timeout: (name) => `'tinyboxctl runtime logs ${name}' shows why`,
  runtime_starting: () => "it is asked again when you send again",
  gpu_missing: (name) => `'tinyboxctl runtime show ${name}' shows which`,
  model_damaged: () => "'tinyboxctl model verify' shows how",
  context_length_exceeded: () => "a new chat has no history",
  invalid_api_key: () => "enter a token for models below",
  not_permitted: () => "enter a token for models below",
  model_not_allowed: () => "enter a token for this model below",
};
const denials = ["invalid_api_key", "not_permitted", "model_not_allowed"];

/** An error of the door: what OpenAI's shape says. */
class Refusal extends Error {
  constructor({ message, code }) {
    super(message);
    this.code = code;
  }
}

export class Chat {
  /** What is sent with each question: what was asked and answered. */
  #messages = [];
  /** Ends the answer that comes; undefined while none does. */
  #abort;
  #model = byID("chat-model");
  #text = byID("chat-text");
  #log = byID("chat-log");
  #scroll = byID("chat-scroll");
  #token = byID("chat-token");

  constructor() {
    byID("chat-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener("keydown", (event) => {
      // The Enter that ends the input of a character of an input method is none of ours.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    byID("chat-stop").addEventListener("click", () => this.#abort?.abort());
    byID("chat-new").addEventListener("click", () => this.#clear());
    this.#show(false);
  }

  /** The runtimes that can be chosen. What is chosen stays. */
  offer(runtimes) {
    const chosen = this.#model.value;
    reconcile(
      this.#model, runtimes, (runtime) => runtime.name,
      (runtime) => {
        const option = make("option");
        option.value = runtime.name;
        return option;
      },
      (option, runtime) => setText(
        option, runtime.model ? `${runtime.name} (${runtime.model})` : runtime.name));
    if (chosen && runtimes.some((runtime) => runtime.name === chosen)) this.#model.value = chosen;
    // A chat that is under way stays, whatever became of its runtime.
    setHidden(byID("chat-part"), !runtimes.length && !this.#log.childElementCount);
  }

  #clear() {
    this.#abort?.abort();
    this.#messages = [];
    this.#log.replaceChildren();
    setText(byID("chat-status"), "A new chat.");
    setText(byID("chat-figures"), "");
    this.#text.focus();
  }

  #show(isBusy) {
    setHidden(byID("chat-stop"), !isBusy);
    byID("chat-send").disabled = isBusy;
  }

  async #send() {
    const question = this.#text.value;
    const model = this.#model.value;
    if (this.#abort || !question.trim() || !model) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#text.value = "";
    const messages = this.#messages;
    messages.push({ role: "user", content: question });
    const asked = this.#add("You", question);
    const item = this.#add(model, "", "answer");
    const answer = new Answer(item.querySelector(".said"), (status) => {
      setText(byID("chat-status"), status);
    }, (figures) => {
      setText(byID("chat-figures"), figures);
      this.#follow();
    });
    this.#show(true);
    setText(byID("chat-figures"), "");
    setText(byID("chat-status"), `Waits for ${model}.`);
    let failure;
    try {
      await answer.read(await ask(model, messages, this.#token.value.trim(), abort.signal));
    } catch (error) {
      if (!abort.signal.aborted) failure = error;
    }
    const isStopped = abort.signal.aborted;
    // Of a chat that was cleared meanwhile nothing is left to say.
    if (messages === this.#messages) {
      this.#end(answer, item, asked, question, model, isStopped, failure);
    }
    this.#abort = undefined;
    this.#show(false);
  }

  #end(answer, item, asked, question, model, isStopped, failure) {
    answer.finish();
    if (answer.text && !failure) {
      this.#messages.push({ role: "assistant", content: answer.text });
    } else {
      // A question without an answer is not sent again by itself.
      this.#messages.pop();
      asked.classList.add("apart");
      item.classList.add("apart");
      if (!this.#text.value) this.#text.value = question;
    }
    const notes = [answer.figures(isStopped)];
    if (answer.ending === "length") notes.push("ended by its longest length");
    if (isStopped) notes.push("stopped by you");
    setText(byID("chat-figures"), notes.filter(Boolean).join(", "));
    if (failure) {
      const hint = hints[failure.code]?.(model);
      item.append(make("p", "note", make("b", "", "Error: "), sentence(failure.message, hint),
        make("span", "soft", failure.code ? ` (${failure.code})` : "")));
      if (denials.includes(failure.code)) setHidden(byID("chat-token-part"), false);
      setText(byID("chat-status"), `No answer: ${failure.message}`);
    } else if (isStopped) {
      setText(byID("chat-status"), "Stopped.");
    } else {
      setText(byID("chat-status"), answer.text ? "The answer is complete." : "The answer is empty.");
    }
    this.#follow(true);
  }

  #add(who, text, classes = "question") {
    const item = make("li", classes, make("p", "speaker", who), make("p", "said", text));
    this.#log.append(item);
    this.#follow(true);
    return item;
  }

  /** Keeps the end in view, unless somebody reads further up. */
  #follow(isForced = false) {
    const rest = this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight;
    if (isForced || rest < 80) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }
}

/** Asks; gives the stream of the answer, or throws what the door says. */
async function ask(model, messages, token, signal) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const body = { model, messages, stream: true, stream_options: { include_usage: true } };
  let response;
  try {
    response = await fetch(
      "/v1/chat/completions", { method: "POST", headers, body: JSON.stringify(body), signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error("the gateway cannot be reached");
  }
  if (response.ok) return response.body;
  let refusal;
  try {
    refusal = JSON.parse(await response.text()).error;
  } catch {
    // It is no answer of the door: the status is all there is to say.
  }
  throw new Refusal(refusal?.message ? refusal : { message: `the gateway answered ${response.status}` });
}

/** An answer as it comes. */
class Answer {
  text = "";
  /** Why it ended: `stop`, `length`. */
  ending;
  #node = document.createTextNode("");
  #report;
  #measure;
  #begun = performance.now();
  #first;
  #last;
  /** Pieces with text: about as many as tokens. */
  #pieces = 0;
  #tokens;
  #shownAt = 0;
  #isDone = false;

  /** @param report is given what it waits for, @param measure its figures, some times a second. */
  constructor(element, report, measure) {
    element.append(this.#node);
    this.#report = report;
    this.#measure = measure;
  }

  async read(stream) {
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      let part;
      try {
        part = await reader.read();
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error("the connection broke before the answer was complete");
      }
      if (part.done) break;
      const lines = (rest + part.value).split("\n");
      rest = lines.pop();
      for (const line of lines) this.#take(line);
    }
    if (!this.#isDone) throw new Error("the gateway ended before the answer was complete");
  }

  #take(line) {
    if (line.startsWith(": queued")) {
      this.#report(sentence(line.slice(2)));
      return;
    }
    if (!line.startsWith("data: ")) return;
    if (line === "data: [DONE]") {
      this.#isDone = true;
      return;
    }
    const chunk = JSON.parse(line.slice(6));
    if (chunk.error) throw new Refusal(chunk.error);
    this.#tokens = chunk.usage?.completion_tokens ?? this.#tokens;
    const choice = chunk.choices?.[0];
    this.ending = choice?.finish_reason ?? this.ending;
    const more = choice?.delta?.content;
    if (!more) return;
    this.#last = performance.now();
    if (this.#first === undefined) {
      this.#first = this.#last;
      this.#report("Answers.");
    }
    this.#pieces += 1;
    this.text += more;
    this.#node.appendData(more);
    if (this.#last - this.#shownAt > 200) {
      this.#shownAt = this.#last;
      this.#measure(this.figures(true));
    }
  }

  /** Nothing more comes. */
  finish() {
    if (!this.text) this.#node.parentNode?.remove();
  }

  /** `12 tokens, 3.1 tokens/s, first after 0.8 s`; while it comes, and where it was cut, the pieces are counted. */
  figures(isCut) {
    if (this.#first === undefined) return "";
    const tokens = this.#tokens ?? (isCut ? this.#pieces : undefined);
    const about = this.#tokens === undefined ? "about " : "";
    const parts = [tokens === undefined ? "tokens not known" : `${about}${plural(tokens, "token")}`];
    const seconds = (this.#last - this.#first) / 1000;
    // The first token ends the wait, so the others share the time after it.
    if (tokens > 1 && seconds > 0) parts.push(`${((tokens - 1) / seconds).toFixed(1)} tokens/s`);
    parts.push(`first after ${((this.#first - this.#begun) / 1000).toFixed(1)} s`);
    return parts.join(", ");
  }
}
