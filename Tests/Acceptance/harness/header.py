"""sluice.h as text: which tables it has, and which entries each of them."""

import re

from .host import ROOT

INCLUDE = ROOT / "Plugins" / "ABI" / "include"


def code():
    """The header without comments."""
    text = (INCLUDE / "sluice.h").read_text()
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def structs():
    """The body of each struct by its name."""
    return {name: body for name, body in re.findall(
        r"typedef struct (\w+) \{(.*?)\} \1;", code(), flags=re.S)}


def functions(body):
    """The function pointers of a struct: name -> (result, parameters), as they are written."""
    found = {}
    for line in body.split(";"):
        line = " ".join(line.split())
        parts = re.match(r"(.*?) ?\(\*(\w+)\) ?\((.*)\)$", line)
        if parts:
            found[parts[2]] = (parts[1], parts[3])
    return found


def interfaces():
    """The ids of the host's tables by the word in their names: log -> sluice.log/0."""
    return {word.lower(): number for word, number in re.findall(
        r'#define SLUICE_IF_(\w+) "(.*?)"', code())}


def entries():
    """Every entry of every table of the host: log.write, ... and host.find."""
    tables = {"host": "sluice_host"}
    tables |= {name[len("sluice_"):-len("_api")]: name for name in structs()
               if name.endswith("_api")}
    return {f"{word}.{name}" for word, struct in tables.items()
            for name in functions(structs()[struct])}
