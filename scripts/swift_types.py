"""Reads the Codable types of Sources/ as they go into JSON: their members and doc comments.

What docs/json.md and docs/openapi.json are made from. It knows the style of this project, not all
of Swift; a type it cannot find is an error, and the tests hold real documents against the result.
"""
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Member(NamedTuple):
    """A stored property with its Swift type, or a case of an enum with an empty one."""
    name: str
    swift: str
    doc: str
    # The text that a property starts with, where it is a literal; the raw value of a case.
    value: str = ""


class Type(NamedTuple):
    kind: str  # "struct" or "enum"
    name: str  # with the names around it: "Plan", "GPU.Vendor"
    doc: str
    members: list


def folder(name):
    """The files of a module, for documents whose types are spread over it."""
    return sorted(str(path.relative_to(ROOT / "Sources")) for path in (ROOT / "Sources" / name).glob("*.swift"))


MODEL = ["Inventory/Inventory.swift", "Inventory/Machine/Machine.swift",
         "Inventory/Processors/Processors.swift", "Inventory/Memory/Memory.swift",
         "Inventory/PCI/PCIFunction.swift", "Inventory/PCI/PCIe.swift", "Inventory/GPU/GPU.swift",
         "Inventory/GPU/MIG.swift", "Inventory/Accelerators/Accelerator.swift", "Inventory/Devices/LibraryIndexes.swift",
         "Inventory/NIC/NIC.swift", "Inventory/NVMe/NVMe.swift", "Inventory/Interrupts/Interrupt.swift",
         "Inventory/Containers/Workloads.swift", "Inventory/System/System.swift", "Base/UnknownFact.swift"]
FINDINGS = ["Health/Core/HealthReport.swift", "Health/Core/Harm.swift", "Health/Core/Finding.swift",
            "Health/Core/Verdict.swift"]


def describe(doc):
    return re.sub(r"\s+", " ", " ".join(doc)).strip()


def cases(text, doc):
    """The cases of `a, b = "c"`."""
    for case in text.rstrip(",").split(","):
        name, _, raw = (part.strip().strip("`") for part in case.partition("="))
        yield Member(name, "", doc, raw.strip('"') or name)


def literal(value, text):
    """The text that a property starts with; empty where it is none."""
    if value.startswith('"'):
        return value.strip('"')
    constant = re.match(r"\w+\.(\w+)$", value)
    found = constant and re.search(rf'static let {constant.group(1)} = "([^"]*)"', text)
    return found.group(1) if found else ""


def parse(path):
    """The Codable types of a file, in source order."""
    types, stack, doc = [], [], []
    text = path.read_text()
    # A list of cases may go on in the next line.
    joined = re.sub(r"(?m)^( *case [\w`, ]+,)\n +(?=[\w`, ]+$)", r"\1 ", text)
    for line in joined.splitlines():
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        while stack and stripped and indent <= stack[-1][0] and stripped != "}":
            stack.pop()
        if stripped.startswith("///"):
            doc.append(stripped[3:].strip())
            continue
        variable = re.match(r"(?:public )?var (.+)", stripped)
        # Deeper ones are variables of a function.
        is_member = variable and stack and indent == stack[-1][0] + 2
        declared = re.match(r"(?:public |private )?(struct|enum) (\w+)", stripped)
        if declared:
            outer = stack[-1][1].name + "." if stack else ""
            entry = Type(declared.group(1), outer + declared.group(2), describe(doc), [])
            if re.search("Codable|Encodable", stripped) or f"extension {declared.group(2)}: Codable" in text:
                types.append(entry)
            inline = re.search(r"\{ case (.+?) \}", stripped)
            if inline:
                entry.members.extend(cases(inline.group(1), ""))
            else:
                stack.append((indent, entry))
        elif is_member and re.match(r"\w+: [^{]+?( = .*)?$", variable.group(1)):
            name, swift = re.match(r"(\w+): (.+?)(?: = .*)?$", variable.group(1)).groups()
            stack[-1][1].members.append(Member(name, swift, describe(doc)))
        elif is_member and re.match(r"\w+ = ", variable.group(1)):
            name, value = re.match(r"(\w+) = (.+?)(?:\(\))?$", variable.group(1)).groups()
            swift = "String" if value.startswith('"') or "Schema" in value else \
                "Bool" if value in ("true", "false") else "Int" if value.isdigit() else value
            stack[-1][1].members.append(Member(name, swift, describe(doc), literal(value, text)))
        elif stack and stripped.startswith("case ") and stack[-1][1].kind == "enum" and ":" not in stripped:
            stack[-1][1].members.extend(cases(stripped[5:], describe(doc)))
        doc = []
    return types


def event_kinds():
    """The kinds of events, which are values with a name as first argument: as cases of an enum."""
    for path in sorted((ROOT / "Sources/Events/Kinds").glob("*.swift")):
        for name in re.findall(r'= EventKind\(\s*"([\w.]+)"', path.read_text()):
            yield Member(name, "", "", name)


def read(files):
    """The Codable types of some files of Sources/, in the order of the files."""
    types = [found for file in files for found in parse(ROOT / "Sources" / file)]
    return [Type("enum", "EventKind", found.doc, list(event_kinds())) if found.name == "EventKind" else found
            for found in types]


def lookup(swift, scope, known):
    """The full name of a type: looked for in the type itself, then in those around it, as Swift does."""
    while scope and f"{scope}.{swift}" not in known:
        scope = scope.rpartition(".")[0]
    name = f"{scope}.{swift}" if scope else swift
    if name not in known:
        raise SystemExit(f"swift_types: no type {name}")
    return name
