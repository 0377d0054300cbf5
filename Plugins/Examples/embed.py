#!/usr/bin/env python3
"""Writes the examples into the host, as what `sluice plugin new` makes projects of.

Run by `make templates`, after a change in a folder here. A test of the command compares both.
"""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "Plugins" / "Examples"
TARGET = ROOT / "Sources" / "Host" / "Main" / "Authors" / "Templates"
LANGUAGES = [one for one in ("c", "swift", "rust") if (EXAMPLES / one).exists()]
# Not copied: a new plugin has a README of its own.
LEFT_OUT = ("README.md", "rustfmt.toml")
COLUMNS = 84
FIRST = "// Alone because: `make templates` writes it."


def pieces(text):
    """The text as lines of a literal with two marks; no escape is cut in two."""
    escaped = text.replace("\n", "\\##n").replace("\t", "\\##t")
    tokens = re.findall(r"\\##[nt]|[\s\S]", escaped)
    line = ""
    for token in tokens:
        if len(line) + len(token) > COLUMNS:
            yield line
            line = ""
        line += token
    yield line


def literal(text):
    assert '"""##' not in text and "\\##" not in text
    body = "\\##\n        ".join(pieces(text))
    return f'##"""\n        {body}\n        """##'


def name(language, path):
    words = re.findall(r"[A-Za-z0-9]+", f"{language} {path}")
    return words[0].lower() + "".join(word[0].upper() + word[1:] for word in words[1:])


def write(language):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "."],
        cwd=EXAMPLES / language, capture_output=True, text=True, check=True).stdout.split()
    files = sorted(path for path in listed if path not in LEFT_OUT)
    for path in files:
        text = (EXAMPLES / language / path).read_text()
        title = name(language, path)
        (TARGET / f"{title[0].upper()}{title[1:]}.swift").write_text(
            f"{FIRST}\n\nextension TemplateFile {{\n"
            f"    /// `Plugins/Examples/{language}/{path}`.\n"
            "    // swift-format-ignore\n"
            f'    static let {title} = TemplateFile(\n        path: "{path}",\n'
            f"        text: {literal(text)}\n    )\n}}\n")
    titles = ",\n            ".join(f".{name(language, path)}" for path in files)
    return f'        "{language}": [\n            {titles},\n        ],\n' if files else ""


TARGET.mkdir(exist_ok=True)
for old in TARGET.glob("*.swift"):
    old.unlink()
(TARGET / "Templates.swift").write_text(
    f"{FIRST}\n\nextension PluginTemplate {{\n"
    "    /// The files of each language, one of the folders in `Plugins/Examples` each.\n"
    "    // swift-format-ignore\n"
    "    static let all: [String: [TemplateFile]] = [\n"
    + "".join(write(language) for language in LANGUAGES) + "    ]\n}\n")
