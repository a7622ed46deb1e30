"""docs/openapi.json as the tests use it: validators of its schemas, documents taken apart by them,
and the fullest document that a schema allows."""
import copy
import json
from pathlib import Path

try:
    import jsonschema
except ModuleNotFoundError:
    # Documents can be made without; only holding some against a schema needs it.
    jsonschema = None

ROOT = Path(__file__).resolve().parent.parent.parent
PREFIX = "#/components/schemas/"


class Contract:
    def __init__(self, path=ROOT / "docs/openapi.json"):
        self.document = json.loads(Path(path).read_text())
        self.schemas = self.document["components"]["schemas"]
        self.validators = {}
        # `schema` of a document to the name of its schema: "tinybox.status/1" to "StatusDocument".
        self.roots = {
            schema["properties"]["schema"]["const"]: name for name, schema in self.schemas.items()
            if "const" in schema.get("properties", {}).get("schema", {})}

    def validator(self, name):
        if name not in self.validators:
            schema = {"$ref": PREFIX + name, "components": self.document["components"]}
            self.validators[name] = jsonschema.Draft202012Validator(schema)
        return self.validators[name]

    def name(self, document):
        """The schema of a document, by its `schema`; None where it is not of the interface."""
        return self.roots.get(document.get("schema"))

    def mistakes(self, name, document):
        """What is wrong with a document, one line each."""
        for error in self.validator(name).iter_errors(document):
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
            yield f"{place or '(document)'}: {error.message[:300]}"

    def resolve(self, schema):
        return self.schemas[schema["$ref"].removeprefix(PREFIX)] if "$ref" in schema else schema

    def parts(self, schema, value):
        """Each part of a valid value that has a schema of its own: its name and the part."""
        if "$ref" in schema:
            yield schema["$ref"].removeprefix(PREFIX), value
            schema = self.resolve(schema)
        if isinstance(value, dict):
            for key, inner in value.items():
                of = schema.get("properties", {}).get(key) or schema["additionalProperties"]
                yield from self.parts(of, inner)
        elif isinstance(value, list):
            for inner in value:
                yield from self.parts(schema["items"], inner)

    def mutants(self, name, value):
        """Wrong variants of a valid value of a schema, each with what was done to it."""
        schema = self.schemas[name]
        if "enum" in schema:
            yield "word that is none of the list", "no such word"
        if schema["type"] != "object":
            yield "number in place of a text", 7
            return
        yield "text in place of an object", "text"
        for key in schema["required"]:
            yield f"without {key}", {k: v for k, v in value.items() if k != key}
        yield "unknown key", {**value, "noSuchKey": 1}
        for key in value:
            yield f"null as {key}", {**value, key: None}

    def has_parts(self, schema):
        return self.resolve(schema)["type"] in ("object", "array")

    def fullest(self, schema, path="", barest=False):
        """A value with every property that the schema has, and one element in every list. Numbers
        and texts differ from place to place, so that none can stand in for another.

        The barest one lacks each text, number and truth value that it may lack; it keeps what is
        made of parts, so that those are there too."""
        schema = self.resolve(schema)
        mark = sum(path.encode()) % 100
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][mark % len(schema["enum"])]
        kind = schema["type"]
        if kind == "object":
            if "properties" in schema:
                return {
                    key: self.fullest(of, f"{path}.{key}", barest) for key, of in schema["properties"].items()
                    if not barest or key in schema["required"] or self.has_parts(of)}
            return {str(mark): self.fullest(schema["additionalProperties"], f"{path}.{mark}", barest)}
        if kind == "array":
            return [self.fullest(schema["items"], f"{path}[]", barest)]
        if kind == "string":
            if schema.get("format") == "date-time":
                return f"2026-11-24T10:01:02.0{mark:02}Z"
            return copy.copy(schema["examples"][0]) if "examples" in schema else f"text {mark}"
        return {"integer": mark, "number": mark + 0.5, "boolean": mark % 2 == 0}[kind]
