"""The tests that come with the `openai` package, for the paths that the gateway serves."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

FILES = ["test_models.py", "test_completions.py", "test_embeddings.py", "test_responses.py",
         "chat/test_completions.py", "audio/test_transcriptions.py"]

# Left out, by file and by a part of the name, with the reason.
LEFT_OUT = [
    ("chat/test_completions.py", r"(retrieve|update|list|delete)", "stored chats: the gateway keeps none"),
    ("test_models.py", r"delete", "models are removed by `tinyboxctl model remove`, by nobody from the network"),
    ("test_responses.py", r"(retrieve|delete|cancel|compact)", "stored responses: the gateway keeps none"),
    ("test_responses.py", r"create_overload", "no model and no input: the gateway serves several models"),
]
# By the name of a test: these only where the client checks types strictly.
STRICT = [(f"test_embeddings.py::Test{kind}Embeddings::test_{way}_create[{name}]")
          for kind, names in (("", ["strict"]), ("Async", ["strict", "aiohttp"])) for name in names
          for way in ("method", "raw_response", "streaming_response")]
STRICT_REASON = "the client asks for base64 itself, and then expects a list"
# Values that are changed in the copy.
CHANGED = [("chat/test_completions.py", f"{name}=0,", f"{name}=16,", "a chat of no token is refused")
           for name in ("max_tokens", "max_completion_tokens")]
# With llama.cpp's server.
CHANGED_LLAMA = [
    ("chat/test_completions.py", old, new, "it has no log probabilities with tools in a stream, which the gateway asks for")
    for old, new in [("logprobs=True,", "logprobs=False,"), ("top_logprobs=0,", "")]]


# The runtime that each file's models stand for; chats go to the one that is tested.
RUNTIMES = {"test_completions.py": "known", "test_responses.py": "known", "test_embeddings.py": "embeddings",
            "audio/test_transcriptions.py": "whisper"}


def models(text):
    """The models that a file of tests names."""
    return set(re.findall(r'model="([^"]+)"', text)) | set(re.findall(r'models\.(?:\w+\.)*retrieve\(\s*"([^"]+)"', text))


def renamed(file, name):
    """What a model is called in the copy: the same one stands for another runtime in another file."""
    return f"{name}-{file.split('/')[-1].removesuffix('.py').removeprefix('test_')}" if file in RUNTIMES else name


def aliases(chat, openai):
    """The models of the copied tests, and what stands for them."""
    return {renamed(file, name): RUNTIMES.get(file, chat) for file in FILES
            for name in models((Path(openai) / "tests/api_resources" / file).read_text())}


def run(machine, chat, options):
    folder = machine.folder / f"openai-{chat}"
    shutil.copytree(options.openai, folder, ignore=shutil.ignore_patterns(".git"))
    left_out = []
    for file in FILES:
        path = folder / "tests/api_resources" / file
        text = path.read_text()
        for name in models(text):
            text = text.replace(f'"{name}"', f'"{renamed(file, name)}"')
        path.write_text(text)
    for file, part, reason in LEFT_OUT:
        path = folder / "tests/api_resources" / file
        text = path.read_text()
        text, count = re.subn(rf"(?m)^    (async )?def (test_(?:method|raw_response|streaming_response|path_params)_{part})",
                              r"    \1def left_out_\2", text)
        path.write_text(text)
        left_out.append(f"{file}: {count} of {part}: {reason}")
    for file, old, new, reason in CHANGED + (CHANGED_LLAMA if chat == "known" else []):
        path = folder / "tests/api_resources" / file
        text = path.read_text()
        path.write_text(text.replace(f" {old}", f" {new}"))
        left_out.append(f"{file}: {text.count(f' {old}')} times {old} became {new or 'nothing'} {reason}")
    left_out.append(f"test_embeddings.py: {len(STRICT)} strict ones: {STRICT_REASON}")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--tb=short", "-p", "no:cacheprovider",
               *(f"tests/api_resources/{file}" for file in FILES)]
    command += [f"--deselect=tests/api_resources/{name}" for name in STRICT]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "TEST_API_BASE_URL": machine.url, "PYTHONPATH": str(folder / "src")})
    lines = done.stdout.splitlines()
    print(f"client-tests: chats by {chat}: {lines[-1] if lines else done.stderr[-500:]}")
    if done.returncode:
        print("\n".join(lines if options.verbose else [x for x in lines if x.startswith("FAILED")]))
    for one in left_out:
        print(f"  left out: {one}")
    return done.returncode == 0
