"""An installed Sluice, and what authors of plugins build against it."""

import os
import pathlib
import shutil
import subprocess

from .host import ROOT

EXAMPLES = ROOT / "Plugins" / "Examples"
BUILD_SECONDS = 600.0


def install(prefix):
    """Installs the built tree; answers the environment in which pkg-config finds it."""
    run(["make", "-s", "install", f"PREFIX={prefix}"], ROOT)
    return dict(
        os.environ, PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig"),
        SLUICE=str(ROOT), MIRROR=str(EXAMPLES / "rust" / "sluice"))


def run(command, folder, environment=None):
    """Runs a build step to its end; answers what it printed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True,
        text=True, timeout=BUILD_SECONDS, check=False)
    assert done.returncode == 0, f"{command} in {folder}: {done.stdout}{done.stderr}"
    return done.stdout


def build(source, folder, environment):
    """Copies a plugin's folder out of the repository and makes it there; answers the library."""
    shutil.copytree(source, folder)
    run(["make", "-s"], folder, environment)
    libraries = list(pathlib.Path(folder).glob("*.so"))
    assert len(libraries) == 1, libraries
    return libraries[0]
