"""The clone is patched and used for a week; its data comes home, and its packages do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .lab.dpkg_root import ONE, TWO, DpkgRoot
from .lab.files import put
from .lab.installed import Package
from .lab.mounts import Mounts
from .lab.snapshot import snapshot
from .lab.two_images import TwoImages

BASE = Package("base-files", directories=["etc", "usr/bin", "var/lib", "var/log", "srv", "opt"])
TOOL = Package("tool", files=["usr/bin/tool"], conffiles=["etc/tool.conf", "etc/tool-too.conf"])
GONE = Package("gone", files=["opt/gone/a"], directories=["var/lib/gone"])
NEW = Package(
    "new",
    files=["opt/new/a"],
    conffiles=["etc/new/new.conf"],
    directories=["var/lib/new"],
    left={"etc/new/generated": "secret\n"},
)


@pytest.fixture
def images(on_disk: Path, mounts: Mounts) -> TwoImages:
    """The clone filled from a system with three packages; the clone is booted, and patched."""
    original, clone = mounts.image("booted").point, mounts.image("clone").point
    made = TwoImages(on_disk, original, clone)
    made.pair.configure(packages="dpkg")
    DpkgRoot.make(original)
    for package in (BASE, TOOL, GONE):
        package.install(original)
    put(original, "var/lib/gone/data", b"the original's\n")
    put(original, "srv/mine", b"first\n")
    made.pair.clone_fill()
    made.boot(clone)
    upgrade_tool(clone)
    GONE.purge(clone)
    (clone / "var/lib/gone/data").unlink()
    NEW.install(clone)
    return made


def upgrade_tool(root: Path) -> None:
    """To a version with another binary, and with another template for one of its two files."""
    TOOL.forget(root)
    put(root, "usr/bin/tool", b"version two\n")
    conffiles = (f"/etc/tool.conf {TWO}", f"/etc/tool-too.conf {ONE}")
    files = [f"/{name}" for name in (*TOOL.files, *TOOL.conffiles)]
    DpkgRoot(root).package("tool", *files, version="2.0", conffiles=conffiles)


def test_data_comes_home_and_packages_stay(images: TwoImages) -> None:
    week = images.clone
    put(week, "etc/tool.conf", b"for version two\n")
    put(week, "etc/tool-too.conf", b"changed in the week\n")
    put(week, "srv/mine", b"of the week\n")
    put(week, "srv/new", b"of the week\n")
    put(week, "var/lib/new/data", b"of a package that the original has not\n")
    before = snapshot(images.original)
    images.pair.run("reverse")
    images.pair.sync()
    after = snapshot(images.original)
    differ = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    outside = {path for path in differ if not path.startswith((b"var/lib/drdwrap", b"var/log/"))}
    assert outside == {b"srv/mine", b"srv/new", b"etc/tool-too.conf"}
    held = set(images.pair.report("nonvolatile"))
    new = (*NEW.files, *NEW.left, "var/lib/new/data")
    assert held >= {os.fsencode(f"/{name}") for name in (*new, "usr/bin/tool")}
    assert b"/etc/tool.conf" in images.pair.report("volatile")


def test_a_preview_names_what_stays_behind(images: TwoImages) -> None:
    put(images.clone, "var/lib/new/data", b"a thousand bytes" * 64)
    previewed = images.pair.json("reverse", "-p", ok=2)
    assert any("/var/lib/new (1,024 bytes, of new" in line for line in previewed["warnings"])
