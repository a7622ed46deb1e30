"""A compute load of tinygrad, timed and checked: `tinyboxctl benchmark run compute` runs it.

    python -I compute.py '{"load": "gemm", "type": "float16", "size": 4096, "devices": 1, "seconds": 5, "seed": 1}'

DEV names the devices (tinygrad/device.py). It prints JSON, an object a line: {"sample": SECONDS} for each call that
was timed, then {"done": {...}} with what was counted and compared, or {"error": "...", "kind": "..."} and status 1.
Kind "unsupported": this device has no such type. With "soak": true it computes for all of its time, and prints every
2 seconds {"soak": {...}} with what was done and compared so far, in place of samples.

Results are compared with sums that Python computes in double precision from the same inputs, element by element, so
that no other library is trusted. Inputs are random: zeros run faster under a power cap.
"""
import json
import random
import sys
import time

# The most calls that are timed, and the fewest: six give an interval of 95 %.
MOST, FEWEST = 64, 7
# Calls before the first that counts: the first two of a TinyJit capture and compile.
WARM = 3
# Elements that are compared.
CHECKED = 8
# Seconds of a round of a soak: the last result of each is compared.
ROUND = 2
# A sum of n products, relative to the root of the sum of their squares: rounding of the inputs' and the result's type
# (eps) and of the accumulation in float32.
TOLERANCE = {"float32": 1e-4, "float16": 2e-3, "bfloat16": 8e-3, "int8": 0.0}


class Unsupported(Exception):
    pass


def say(**values):
    print(json.dumps(values), flush=True)


def main(order):
    from tinygrad import Device, Tensor, TinyJit, dtypes

    kind, type_name = order["load"], order["type"]
    size, count, seconds = order["size"], order["devices"], order["seconds"]
    chance = random.Random(order["seed"])
    Tensor.manual_seed(order["seed"])
    dtype = getattr(dtypes, type_name, None)
    if dtype is None:
        raise Unsupported(f"tinygrad has no type {type_name}")
    name = Device.DEFAULT
    supported = Device[name].renderer.supported_dtypes()
    if dtype not in supported:
        raise Unsupported(f"{name} has no {type_name}, says tinygrad")
    names = [f"{name}:{index}" for index in range(count)] if count > 1 else [name]

    def made(*shape):
        if type_name == "int8":
            return Tensor.randint(*shape, low=-8, high=8, dtype=dtypes.int8).contiguous().realize()
        return (Tensor.rand(*shape, dtype=dtypes.float32) - 0.5).cast(dtype).contiguous().realize()

    def numbers(tensor):
        # Python has no 16-bit floats of both kinds.
        return (tensor.cast(dtypes.float32) if type_name == "bfloat16" else tensor).tolist()

    if kind == "gemm":
        a, b = made(size, size), made(size, size)
        sum_type = dtypes.int32 if type_name == "int8" else dtypes.float32

        def work(a, b):
            return a.matmul(b, dtype=sum_type).realize()

        inputs, operations, moved = (a, b), 2 * size**3, 0

        def check(result):
            for _ in range(CHECKED):
                row, column = chance.randrange(size), chance.randrange(size)
                left, right = numbers(a[row]), numbers(b[:, column])
                products = [x * y for x, y in zip(left, right)]
                scale = sum(p * p for p in products) ** 0.5
                compare(result[row, column].cast(dtypes.float32 if type_name != "int8" else dtypes.int32).item(),
                        sum(products), TOLERANCE[type_name] * scale)
    elif kind == "add":
        a, b = made(size), made(size)

        def work(a, b):
            return (a + b).realize()

        # As STREAM counts its add: two arrays read, one written.
        inputs, operations, moved = (a, b), 0, 3 * size * dtype.itemsize

        def check(result):
            for _ in range(CHECKED):
                at = chance.randrange(size)
                one, two = numbers(a[at:at + 1])[0], numbers(b[at:at + 1])[0]
                compare(numbers(result[at:at + 1])[0], one + two, TOLERANCE[type_name] * (abs(one) + abs(two)))
    elif kind == "allreduce":
        if count < 2:
            raise ValueError("an all-reduce needs two devices")
        whole = made(count, size)
        parts = whole.shard(names, 0).realize()

        def work(parts):
            return parts.sum(0).realize()

        # Bytes of each device, as NCCL's algbw (nccl-tests, PERFORMANCE.md).
        inputs, operations, moved = (parts,), 0, size * dtype.itemsize

        def check(result):
            result = result.to(names[0])
            for _ in range(CHECKED):
                at = chance.randrange(size)
                column = numbers(whole[:, at])
                compare(numbers(result[at:at + 1])[0], sum(column),
                        TOLERANCE[type_name] * sum(abs(x) for x in column))
    else:
        raise ValueError(f"there is no load {kind}")

    jit = TinyJit(work)

    def wait():
        for device in names:
            Device[device].synchronize()

    for _ in range(WARM):
        result = jit(*inputs)
    wait()
    check(result)
    if order.get("soak"):
        soak(lambda: jit(*inputs), wait, check, result, time.monotonic() + seconds, name)
        return
    end, calls = time.monotonic() + seconds, 0
    while calls < MOST and (calls < FEWEST or time.monotonic() < end):
        wait()
        start = time.perf_counter()
        result = jit(*inputs)
        wait()
        say(sample=time.perf_counter() - start)
        calls += 1
    # The last one too: a card that fails when it is hot fails late.
    check(result)
    say(done={"operations": operations, "bytes": moved, "calls": calls, "checked": 2 * CHECKED, "device": name,
              "renderer": type(Device[name].renderer).__name__})


def soak(call, wait, check, result, end, name):
    """Calls until the end. The same kernel on the same inputs gives the same bits each time: the first result, of
    which elements were compared with Python's sums, is compared whole with the last of each round."""
    first = result.clone().realize()
    calls = results = 0
    while time.monotonic() < end:
        stop = min(end, time.monotonic() + ROUND)
        while time.monotonic() < stop:
            result = call()
            wait()
            calls += 1
        differing = int((result != first).sum().item())
        results += 1
        say(soak={"calls": calls, "results": results, "device": name})
        if differing:
            raise ArithmeticError(f"wrong result: {differing} elements differ from the first result")
    check(result)


def compare(found, wanted, most):
    if not abs(found - wanted) <= most + 1e-9:
        raise ArithmeticError(f"wrong result: {found!r} instead of {wanted!r}")


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]))
    except Unsupported as error:
        say(error=str(error), kind="unsupported")
        sys.exit(1)
    except ArithmeticError as error:
        say(error=str(error), kind="wrong")
        sys.exit(1)
    except Exception as error:  # Of any kind: what a driver or a compiler says is the reason.
        say(error=f"{type(error).__name__}: {error}"[:500], kind="failed")
        sys.exit(1)
