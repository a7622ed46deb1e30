#!/usr/bin/env python3
"""Answers a spoken question from a few notes: speech to text, embeddings and a language model, all behind one door.

  specialists.py RECORDING NOTE...     OPENAI_BASE_URL and OPENAI_API_KEY say where the door is, and who asks
"""
import sys

from openai import OpenAI

client = OpenAI()
with open(sys.argv[1], "rb") as file:
    question = client.audio.transcriptions.create(model="whisper", file=file).text
notes = sys.argv[2:]
wanted, *vectors = [item.embedding for item in client.embeddings.create(model="embeddings", input=[question, *notes]).data]
note = max(zip(vectors, notes), key=lambda pair: sum(a * b for a, b in zip(pair[0], wanted)))[1]
print("question:", question)
print("note:", note)
answer = client.chat.completions.create(model="llama", max_tokens=48, temperature=0, stream=True, messages=[
    {"role": "system", "content": f"You are a helpful assistant. {note}"}, {"role": "user", "content": question}])
print("answer:", end=" ")
for chunk in answer:
    for choice in chunk.choices:
        print(choice.delta.content or "", end="", flush=True)
print()
