#!/usr/bin/env python3
"""Writes a small model whose text is known byte for byte: a GGUF of the llama architecture, for tinygrad and llama.cpp.

After the assistant's header come the words " w0" " w1" ... " w<N-1>", then the end of the turn, or with --endless " w0"
again. Weights are random but for the outputs of attention and feed-forward, which are zero, and the last matrix,
which is the embedding moved by one word: every product is computed, and each token has exactly one successor at
temperature 0. Format: ggml, docs/gguf.md.
"""
import argparse
import array
import math
import random
import struct

F32, F16 = 0, 1
NUMBER, SIGNED, FLOAT, BOOLEAN, TEXT, LIST = 4, 5, 6, 7, 8, 9
SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
TEMPLATE = ("{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
            "{{ m['content'] }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}"
            "<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}")


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, it):
    if kind == TEXT:
        return text(it)
    return struct.pack({NUMBER: "<I", SIGNED: "<i", FLOAT: "<f", BOOLEAN: "<?"}[kind], it)


def entry(key, kind, it):
    return text(key) + struct.pack("<I", kind) + value(kind, it)


def entries(key, kind, them):
    head = text(key) + struct.pack("<IIQ", LIST, kind, len(them))
    return head + b"".join(value(kind, it) for it in them)


def byte_characters():
    """The characters that stand for bytes in vocabularies of byte pairs (GPT-2, encoder.py)."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in kept}
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(256 + len(table) - len(kept))
    return table


class Vocabulary:
    """All bytes, which tinygrad needs, the words with the merges that llama.cpp needs, and control tokens."""

    def __init__(self, words):
        self.characters = byte_characters()
        self.tokens = [self.characters[byte] for byte in range(256)]
        self.merges = []
        self.add("\n\n")
        names = [self.add(f" w{number}") for number in range(words)]
        self.types = [1] * len(self.tokens) + [3] * len(SPECIAL)        # normal, control
        self.tokens += SPECIAL
        self.index = {token: number for number, token in enumerate(self.tokens)}
        self.words = [self.index[name] for name in names]

    def add(self, word):
        units = [self.characters[byte] for byte in word.encode()]
        whole = units[0]
        for unit in units[1:]:
            if f"{whole} {unit}" not in self.merges:
                self.merges.append(f"{whole} {unit}")
            whole += unit
            if whole not in self.tokens:
                self.tokens.append(whole)
        return whole


class Weights:
    def __init__(self, options, vocabulary):
        self.random = random.Random(options.seed)
        self.tensors = []
        size, heads, width = 64, 4, 128
        self.shape = {"embedding_length": size, "attention.head_count": heads, "attention.head_count_kv": 2,
                      "feed_forward_length": width, "block_count": 2, "rope.dimension_count": size // heads}
        embedding = self.matrix(len(vocabulary.tokens), size, 1)
        self.tensors.append(("token_embd.weight", embedding, F32))
        scale = 1 / math.sqrt(size)
        for block in range(self.shape["block_count"]):
            for name, rows, columns, factor in [
                ("attn_q", size, size, scale), ("attn_k", size // 2, size, scale), ("attn_v", size // 2, size, scale),
                ("attn_output", size, size, 0), ("ffn_gate", width, size, scale), ("ffn_up", width, size, scale),
                ("ffn_down", size, width, 0),
            ]:
                self.tensors.append((f"blk.{block}.{name}.weight", self.matrix(rows, columns, factor), F16))
            for name in "attn_norm", "ffn_norm":
                self.tensors.append((f"blk.{block}.{name}.weight", [[1.0] * size], F32))
        self.tensors.append(("output_norm.weight", [[1.0] * size], F32))
        self.tensors.append(("output.weight", self.successors(embedding, vocabulary, options.endless), F32))

    def matrix(self, rows, columns, scale):
        if not scale:
            return [[0.0] * columns for _ in range(rows)]
        return [[self.random.gauss(0, scale) for _ in range(columns)] for _ in range(rows)]

    @staticmethod
    def successors(embedding, vocabulary, endless):
        """Rows that are like the embedding of the token before: it is then the likeliest."""
        end = vocabulary.index["<|eot_id|>"]
        words = vocabulary.words
        pairs = [*zip(words, words[1:]), (words[-1], words[0] if endless else end)]
        newline = vocabulary.characters[10]
        pairs += [(vocabulary.index[before], words[0]) for before in (newline, newline * 2)] + [(end, words[0])]
        rows = [[0.0] * len(embedding[0]) for _ in embedding]
        for before, after in pairs:
            rows[after] = [sum(both) for both in zip(rows[after], embedding[before])]
        return rows


def packed(rows, kind):
    if kind == F32:
        return b"".join(array.array("f", row).tobytes() for row in rows)
    return b"".join(struct.pack(f"<{len(row)}e", *row) for row in rows)


def metadata(options, vocabulary, shape):
    index = vocabulary.index
    return [
        entry("general.architecture", TEXT, "llama"), entry("general.name", TEXT, "known text"),
        entry("general.file_type", NUMBER, F16), entry("llama.context_length", NUMBER, options.context),
        *(entry(f"llama.{key}", NUMBER, it) for key, it in shape.items()),
        entry("llama.attention.layer_norm_rms_epsilon", FLOAT, 1e-5), entry("llama.rope.freq_base", FLOAT, 10000),
        entry("llama.vocab_size", NUMBER, len(index)), entry("tokenizer.ggml.model", TEXT, "gpt2"),
        entry("tokenizer.ggml.pre", TEXT, "llama-bpe"), entries("tokenizer.ggml.tokens", TEXT, vocabulary.tokens),
        entries("tokenizer.ggml.token_type", SIGNED, vocabulary.types),
        entries("tokenizer.ggml.merges", TEXT, vocabulary.merges),
        entry("tokenizer.ggml.bos_token_id", NUMBER, index["<|begin_of_text|>"]),
        entry("tokenizer.ggml.eos_token_id", NUMBER, index["<|eot_id|>"]),
        entry("tokenizer.ggml.eot_token_id", NUMBER, index["<|eot_id|>"]),
        entry("tokenizer.ggml.add_bos_token", BOOLEAN, True), entry("tokenizer.chat_template", TEXT, TEMPLATE),
    ]


def padded(data):
    return data + b"\0" * (-len(data) % 32)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path")
    parser.add_argument("--endless", action="store_true")
    parser.add_argument("--words", type=int, default=40)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    vocabulary = Vocabulary(options.words)
    weights = Weights(options, vocabulary)
    values = metadata(options, vocabulary, weights.shape)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(weights.tensors), len(values)) + b"".join(values)
    data = b""
    for name, rows, kind in weights.tensors:
        # The fastest dimension first; a norm has one.
        sizes = [len(rows[0])] if name.endswith("norm.weight") else [len(rows[0]), len(rows)]
        head += text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, len(data))
        data += padded(packed(rows, kind))
    with open(options.path, "wb") as file:
        file.write(padded(head) + data)


main()
