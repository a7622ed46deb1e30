"""JSON Schemas (2020-12, as OpenAPI 3.1 has them) of the Swift types that become JSON.

As Swift encodes them: an optional property is absent when it is nil, every other one is always
there; an enum is its raw value; a dictionary is an object, with the digits as key where its keys
are integers (Swift: JSONEncoder, and `Dictionary.encode(to:)`).
"""
import re

from swift_types import FINDINGS, MODEL, folder, lookup, read

FILES = [*MODEL, *FINDINGS, *folder("PeerToPeer"), "Placement/Plan/Plan.swift", "Placement/Policy/Policy.swift",
         *folder("Placement/Ledger"), *folder("Placement/Status"), *folder("Events"), *folder("Documents"),
         "API/Problem.swift"]

# Types with an encoding of their own, in Sources/Base.
TEXTS = {
    "PCIAddress": {
        "type": "string", "pattern": r"^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$",
        "description": "Address of a PCI function: domain, bus, device, function.",
        "examples": ["0000:21:00.0"]},
    "NumberSet": {
        "type": "string", "pattern": "^([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?$",
        "description": "A set of CPU, node or interrupt numbers in the kernel's list format; "
                       "the empty text is the empty set.",
        "examples": ["0-3,8"]},
}

SIMPLE = {
    "String": {"type": "string"}, "Bool": {"type": "boolean"},
    "Int": {"type": "integer", "format": "int64"}, "Int32": {"type": "integer", "format": "int32"},
    "Double": {"type": "number", "format": "double"},
    "UInt8": {"type": "integer", "minimum": 0, "maximum": 255},
    "UInt16": {"type": "integer", "minimum": 0, "maximum": 65535},
    "UInt32": {"type": "integer", "minimum": 0, "maximum": 4294967295},
    "UInt64": {"type": "integer", "minimum": 0, "maximum": 18446744073709551615},
}

TIME = {"type": "string", "format": "date-time",
        "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"}


class Schemas:
    """Schemas of some types and of all that they need."""

    def __init__(self):
        self.types = {found.name: found for found in read(FILES)}
        self.made = {}

    def of(self, swift, scope):
        """The schema of a use of a type."""
        swift = swift.strip()
        if swift.endswith("?"):
            raise SystemExit(f"openapi: {scope}: no schema for {swift} inside another type")
        if swift in SIMPLE:
            return dict(SIMPLE[swift])
        if swift.startswith("["):
            return self.collection(swift[1:-1], scope)
        name = swift if swift in TEXTS else lookup(swift, scope, self.types)
        self.add(name)
        return {"$ref": f"#/components/schemas/{name}"}

    def collection(self, inside, scope):
        # The colon outside of inner brackets is the one that parts key and value.
        plain = re.sub(r"\[.*?\]", lambda found: "_" * len(found.group()), inside)
        if ":" not in plain:
            return {"type": "array", "items": self.of(inside, scope)}
        colon = plain.index(":")
        key, value = inside[:colon].strip(), self.of(inside[colon + 1:], scope)
        schema = {"type": "object", "additionalProperties": value}
        if key == "Int":
            schema["propertyNames"] = {"pattern": "^-?[0-9]+$"}
        elif key != "String":
            raise SystemExit(f"openapi: {scope}: a dictionary by {key} is no JSON object")
        return schema

    def property(self, member, scope):
        schema = self.of(member.swift.removesuffix("?"), scope)
        if member.name == "schema":
            if not member.value:
                raise SystemExit(f"openapi: {scope}: the text of its schema is not to be found")
            schema["const"] = member.value
        if "RFC 3339" in member.doc:
            schema = dict(TIME)
        if member.doc:
            schema["description"] = member.doc
        return schema

    def add(self, name):
        if name in self.made:
            return
        if name in TEXTS:
            self.made[name] = TEXTS[name]
            return
        found = self.types[name]
        schema = self.made[name] = {}
        if found.kind == "enum":
            schema["type"] = "string"
            schema["enum"] = [case.value for case in found.members]
            schema["description"] = found.doc
            told = [f"- `{case.value}`: {case.doc}" for case in found.members if case.doc not in ("", found.doc)]
            if told:
                schema["description"] += "\n\n" + "\n".join(told)
            return
        schema["type"] = "object"
        schema["description"] = found.doc
        schema["properties"] = {member.name: self.property(member, name) for member in found.members}
        schema["required"] = [member.name for member in found.members if not member.swift.endswith("?")]
        schema["additionalProperties"] = False


def schemas(roots):
    """The schemas of the roots and of all that they use, by name."""
    all_of_them = Schemas()
    for root in roots:
        all_of_them.add(root)
    return dict(sorted(all_of_them.made.items()))
