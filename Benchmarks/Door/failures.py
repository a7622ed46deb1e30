"""What a client reads when its runtime is killed, stops or is busy with others."""
import http.client
import json
import os
import random
import signal
import threading
import time

import texts

PATIENCE = 5


def parallel(machine, threads=12, each=40):
    """Answers of a runtime with four places to many clients at once stay those of each."""
    bad, lock = [], threading.Lock()

    def client(seed):
        source = random.Random(seed)
        for _ in range(each):
            most, is_stream = source.choice([1, 5, 20, 40, 60]), source.random() < 0.5
            body = {"model": "parallel", "messages": [{"role": "user", "content": "count"}], "temperature": 0,
                    "max_tokens": most, "stream": is_stream}
            got = texts.answer(machine, body)
            if got[:2] != (texts.words(min(most, texts.WORDS)), "length" if most <= texts.WORDS else "stop"):
                with lock:
                    bad.append((body, got))
    clients = [threading.Thread(target=client, args=(seed,)) for seed in range(threads)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    print(f"failures: {threads * each - len(bad)} of {threads * each} answers byte-exact, {threads} clients at once")
    return not bad


def struck(machine, model, path, process, number):
    """Strikes a runtime within its stream: status, code of the error, seconds until the client's stream ended."""
    body = {"model": model, "temperature": 0, "stream": True}
    body |= {"input": "x"} if path.endswith("responses") else {"messages": [{"role": "user", "content": "x"}]}
    when = []

    def strike():
        os.kill(process.pid, number)
        when.append(time.monotonic())
    timer = threading.Timer(0.1, strike)
    connection = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=60)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    # The head comes with the first token.
    answer = connection.getresponse()
    timer.start()
    data = answer.read().decode()
    seconds = time.monotonic() - when[0] if when else -1
    timer.join()
    if answer.status == 200:
        lines = [line[6:] for line in data.split("\n") if line.startswith("data: ")]
        error = json.loads(lines[-2]).get("error") if lines[-1] == "[DONE]" else None
    else:
        error = json.loads(data).get("error")
    return answer.status, (error or {}).get("code"), seconds


def run(machine, runtimes):
    good = parallel(machine)
    for model, process, paths in runtimes:
        for path in paths:
            for number, patience in (signal.SIGSTOP, PATIENCE), (signal.SIGKILL, 0):
                if number == signal.SIGKILL and path != paths[-1]:
                    continue
                status, code, seconds = struck(machine, model, path, process, number)
                if number == signal.SIGSTOP:
                    os.kill(process.pid, signal.SIGCONT)
                    time.sleep(1)
                right = status == 200 and code == "runtime_failed" and -0.5 <= seconds - patience <= 1
                good &= right
                print(f"failures: {model} {path}: {number.name} in a stream: {'right' if right else 'WRONG'}: {code} "
                      f"after {seconds:.2f} s")
        status, _, _ = machine.ask("POST", paths[0], {"model": model, "messages": [{"role": "user", "content": "x"}]})
        good &= status == 502
    return good and machine.ask("GET", "/v1/models")[0] == 200
