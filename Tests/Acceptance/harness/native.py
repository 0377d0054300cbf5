"""Small C programs that tests compile: plugins and a library that counts."""

import pathlib
import subprocess

from .host import ROOT

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "native"
HEADER = ROOT / "Plugins" / "ABI" / "include"


def library(source, target, *flags):
    """Compiles one file of `native` to a shared library."""
    done = subprocess.run(
        ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared",
         "-fvisibility=hidden", f"-I{HEADER}", *flags, "-o", str(target),
         str(SOURCES / source), "-ldl"],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def exported_symbols(path):
    """The dynamic symbols that others can bind to: those of global or weak binding."""
    done = subprocess.run(
        ["nm", "-D", "--defined-only", "--extern-only", str(path)], capture_output=True, text=True,
        check=True)
    return sorted(line.split()[-1] for line in done.stdout.splitlines())
