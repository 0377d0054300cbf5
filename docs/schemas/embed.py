#!/usr/bin/env python3
"""Writes the schemas of this folder into the host: Sources/Host/Routing/Schemas.

Run by `make schemas`. A test of the room compares both, so that a change here is not forgotten.
"""
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS = 88
FILES = {
    "TransportSchemas": {
        "listener": "ListenerSchema",
        "certificate": "CertificateSchema",
        "trust": "TrustSchema",
        "pool": "PoolSchema",
        "endpoints": "EndpointsSchema",
    },
    "RouteSchemas": {"route": "RouteSchema", "l4route": "L4RouteSchema"},
}


def swift(kind: str, name: str) -> str:
    schema = json.loads((ROOT / "docs/schemas" / f"{kind}.json").read_text())
    text = json.dumps(schema, separators=(",", ":"), ensure_ascii=False)
    pieces = [text[at : at + COLUMNS] for at in range(0, len(text), COLUMNS)]
    body = "\\#\n        ".join(pieces)
    return (
        f"/// `docs/schemas/{kind}.json`, written here by `make schemas`.\n"
        f"enum {name} {{\n"
        "    // swift-format-ignore\n"
        "    static let text = #\"\"\"\n"
        f"        {body}\n"
        "        \"\"\"#\n"
        "}\n"
    )


for file, kinds in FILES.items():
    folder = ROOT / "Sources/Host/Routing/Schemas"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(swift(kind, name) for kind, name in kinds.items())
    (folder / f"{file}.swift").write_text(text)
