"""A training program for tinygrad that tinybox runs as a job: it keeps checkpoints, goes on from the last one after
a crash or a stop, and reports its steps.

Ten made-up digits of 28 x 28 points with noise are told apart by a network of two layers, as in MNIST. On CPUs it
takes less than a minute.

    STATE_DIRECTORY=/tmp/train DEV=CPU:X86 python train.py [STEPS]
"""
import json
import os
import sys
import time

from tinygrad import Tensor, TinyJit, dtypes, nn
from tinygrad.nn.state import get_state_dict, load_state_dict, safe_load, safe_save

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 600
BATCH, POINTS, DIGITS = 64, 28 * 28, 10
FOLDER = os.environ["STATE_DIRECTORY"].split(":")[0]
CHECKPOINT = os.path.join(FOLDER, "checkpoint.safetensors")
STATUS = os.path.join(FOLDER, "status.json")


def replace(path, write):
    """Writes a file aside and renames it: who reads it, or starts after a crash, sees a whole one."""
    write(path + ".new")
    with open(path + ".new", "rb") as file:
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def report(step):
    def write(path):
        with open(path, "w") as file:
            json.dump({"step": step, "steps": STEPS}, file)
    replace(STATUS, write)


class Network:
    def __init__(self):
        self.one, self.two = nn.Linear(POINTS, 128), nn.Linear(128, DIGITS)

    def __call__(self, x):
        return self.two(self.one(x).relu())


# The same digits in each start.
Tensor.manual_seed(1)
digits = Tensor.randn(DIGITS, POINTS).realize()
network = Network()
optimizer = nn.optim.Adam(nn.state.get_parameters(network), lr=0.001)
state = {**get_state_dict(network, "network"), **get_state_dict(optimizer, "optimizer")}
step = 0
if os.path.exists(CHECKPOINT):
    saved = safe_load(CHECKPOINT)
    step = int(saved.pop("step").to("CPU").item())
    for name, tensor in state.items():
        # `assign` alone would wait until the checkpoint is needed, and it is replaced before.
        tensor.replace(saved[name].to(tensor.device).contiguous().realize())
print(f"begins with step {step} of {STEPS}", flush=True)


@TinyJit
@Tensor.train()
def train(numbers, noise):
    optimizer.zero_grad()
    loss = network(digits[numbers] + 3 * noise).sparse_categorical_crossentropy(numbers).backward()
    optimizer.step()
    return loss.realize()


def batch(step):
    """By its number alone: a training that was interrupted sees what it would have seen."""
    Tensor.manual_seed(1000 + step)
    return Tensor.randint(BATCH, high=DIGITS).realize(), Tensor.randn(BATCH, POINTS).realize()


def save():
    def write(path):
        safe_save({**state, "step": Tensor([step], dtype=dtypes.int32)}, path)
    replace(CHECKPOINT, write)


reported = saved_at = time.monotonic()
while step < STEPS:
    loss = train(*batch(step)).item()
    step += 1
    now = time.monotonic()
    if now - reported >= 1 or step == STEPS:
        reported = now
        report(step)
        print(f"step {step}: loss {loss:.4f}", flush=True)
    if now - saved_at >= 5 or step == STEPS:
        saved_at = now
        save()

numbers, noise = batch(STEPS)
right = (network(digits[numbers] + 3 * noise).argmax(axis=1) == numbers).mean().item()
print(f"done: {right:.0%} of {BATCH} digits are told rightly", flush=True)
sys.exit(0 if right > 0.9 else 1)
