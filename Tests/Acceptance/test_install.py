"""`make install`: what it puts where, and that it works from there."""

import subprocess

from harness import host
from harness.host import ROOT


def test_the_installed_tree_runs_and_serves_plugin_authors(tmp_path):
    subprocess.run(
        ["make", "-s", "install", "PREFIX=/opt/sluice", f"DESTDIR={tmp_path}"], cwd=ROOT,
        check=True, capture_output=True, timeout=100)
    prefix = tmp_path / "opt" / "sluice"
    version = subprocess.run(
        [str(prefix / "bin" / "sluice"), "version"], capture_output=True, text=True, check=True)
    package = (prefix / "lib" / "pkgconfig" / "sluice.pc").read_text()
    number = version.stdout.split()[1]
    assert f"Version: {number}\n" in package
    for name in ("libecho.so", "libfile-source.so", "libheader-stamp.so"):
        assert (prefix / "lib" / "sluice" / name).exists()
    (tmp_path / "routes").mkdir()
    configuration = tmp_path / "sluice.yaml"
    configuration.write_text(host.configuration(1, plugins=[host.FILE_SOURCE, host.ECHO]))
    subprocess.run(
        [str(prefix / "bin" / "sluice"), "check", "--config", str(configuration)], check=True,
        cwd=tmp_path)
    source = tmp_path / "plugin.c"
    source.write_text('#include "sluice_call.h"\nint main(void) { return SLUICE_OK; }\n')
    flags = subprocess.run(
        ["pkg-config", "--cflags", "sluice"], capture_output=True, text=True, check=True,
        env={"PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig"), "PATH": "/usr/bin:/bin",
             "PKG_CONFIG_SYSROOT_DIR": str(tmp_path)}).stdout.split()
    subprocess.run(["cc", *flags, str(source), "-o", str(tmp_path / "a")], check=True)
