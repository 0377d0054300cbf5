"""Compares the request parser with httptools (llhttp) on the corpus and on seeded damage to it.

Usage: differential.py [fuzz binary] [number of mutations]. Needs `pip install httptools` and the
binary that `make fuzz` builds. On what both accept they must agree on every byte; requests that
the host accepts and httptools refuses are listed, and each kind of them must be known here.
"""

import base64
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import httptools

HERE = pathlib.Path(__file__).resolve().parent
BINARY = ".build/fuzz/release/fuzz"
BATCH = 500
SEED = 1
TELLING = [b"\r", b"\n", b"\r\n", b" ", b":", b",", b"\t", b"\0", b"\x7f", b"\xff", b"/", b"?",
           b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n",
           b"Host: b\r\n", b"a", b"0", b";", b"HTTP/1.0", b"#", b"%"]
# Why httptools refuses what the host accepts: its text, and the reason that this is right.
KNOWN = {
    "Invalid method encountered": "llhttp knows a fixed list of methods; RFC 9110 9.1 does not",
    "Expected space after method": "a method that begins like one of llhttp's",
}


class Reader:
    """What httptools calls while it parses."""

    def __init__(self):
        self.url, self.fields, self.is_complete = b"", [], False
        self.parser = httptools.HttpRequestParser(self)
        self.keeps_alive = False

    def on_url(self, url):
        self.url += url

    def on_header(self, name, value):
        self.fields.append((name, value))

    def on_headers_complete(self):
        self.is_complete = True
        # Asked now: after the message httptools has forgotten it.
        self.keeps_alive = self.parser.should_keep_alive()


def other(data):
    """What httptools makes of a head, or the text of its refusal."""
    reader = Reader()
    try:
        reader.parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError as error:
        if not reader.is_complete:
            return None, str(error)
    return reader, None


def difference(ours, data):
    """A sentence on what differs, or None; and the refusal of httptools, if it refuses."""
    length = ours["length"]
    reader, refusal = other(data[:length])
    if refusal is not None:
        return None, refusal
    if not reader.is_complete:
        return "httptools needs more bytes", None
    early, _ = other(data[:length - 1])
    if early and early.is_complete:
        return "httptools ends the head earlier", None
    line = bytes.fromhex(ours["line"])
    theirs = b"%s %s HTTP/%s\r\n" % (
        reader.parser.get_method(), reader.url, reader.parser.get_http_version().encode())
    if line != theirs:
        return f"the line {line!r} is {theirs!r}", None
    fields = [(bytes.fromhex(name), bytes.fromhex(value)) for name, value in ours["fields"]]
    # llhttp keeps white space behind a value.
    trimmed = [(name, value.strip(b" \t")) for name, value in reader.fields]
    if fields != trimmed:
        return f"the fields {fields} are {trimmed}", None
    if ours["keepsAlive"] != reader.keeps_alive:
        return "keep-alive", None
    return None, None


def described(binary, cases):
    """The description of each case, from one process a batch."""
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(cases), BATCH):
            batch = cases[start:start + BATCH]
            paths = []
            for index, data in enumerate(batch):
                path = os.path.join(folder, str(index))
                pathlib.Path(path).write_bytes(data)
                paths.append(path)
            run = subprocess.run([binary, *paths], env={**os.environ, "FUZZ": "describe"},
                                 capture_output=True, check=True)
            # The fuzzer runs some inputs twice, and some before the first file.
            lines = map(json.loads, run.stdout.decode().splitlines())
            found = {bytes.fromhex(line["input"]): line for line in lines}
            yield from ((found[data], data) for data in batch)


def damaged(good, choices):
    data = bytearray(choices.choice(good))
    for _ in range(choices.randrange(1, 4)):
        place = choices.randrange(len(data) + 1)
        match choices.randrange(4):
            case 0:
                data[place:place] = choices.choice(TELLING)
            case 1:
                del data[place:place + 1]
            case 2:
                data[place:place + 1] = choices.choice(TELLING)
            case _:
                data[place:] = choices.choice(good)[choices.randrange(20):]
    return bytes(data)


def requests():
    corpus = json.loads((HERE.parent / "Corpus" / "h1-cases.json").read_text())
    for case in corpus["cases"]:
        if case["direction"] == "request" and case.get("raw_b64"):
            yield base64.b64decode(case["raw_b64"])
    for seed in sorted((HERE / "Seeds" / "request").iterdir()):
        yield seed.read_bytes()


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else BINARY
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    good = list(requests())
    choices = random.Random(SEED)
    cases = good + [damaged(good, choices) for _ in range(count)]
    both, refused, breaches = 0, {}, []
    for ours, data in described(binary, cases):
        if "length" not in ours:
            continue
        breach, refusal = difference(ours, data)
        if breach:
            breaches.append((breach, data))
        elif refusal:
            refused.setdefault(refusal, []).append(data[:ours["length"]])
        else:
            both += 1
    print(f"{len(cases)} inputs: both accept and agree on {both}")
    for refusal, heads in sorted(refused.items()):
        reason = KNOWN.get(refusal, "NOT KNOWN")
        print(f"accepted here alone {len(heads)} times: {refusal} ({reason}); {heads[0]!r}")
    for breach, data in breaches[:20]:
        print(f"DIFFERENCE: {breach}; {data!r}")
    return 1 if breaches or set(refused) - set(KNOWN) else 0


if __name__ == "__main__":
    sys.exit(main())
