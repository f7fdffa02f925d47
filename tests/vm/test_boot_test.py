"""`verify --boot` on a disk that boots, and on the same disk with one thing wrong.

The disk is a box's, and the machine runs here: inside one of the lab's it would be emulated twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from drdwrap.verify.boot import machine, menu
from drdwrap.verify.boot.console import Boot
from drdwrap.verify.boot.machine import Disk
from drdwrap.verify.boot.place_on_disk import Piece, pieces
from vagrant.box import loop

from .lab.supply import SYSTEMD, Supply
from .lab.times import TIMES

DEADLINE = 600.0
"""Seconds: software emulation beside another test takes 190."""


@pytest.fixture(scope="module")
def raw(supply: Supply, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The box's disk as it is on a machine: without a format around it."""
    made = tmp_path_factory.mktemp("boot-test") / "disk"
    convert = ["qemu-img", "convert", "-O", "raw", str(supply.box(SYSTEMD).image), str(made)]
    subprocess.run(convert, check=True)
    return made


@dataclass(frozen=True)
class Grub:
    """Where the boot menu lies on the disk, and the menu of the test."""

    pieces: list[Piece]
    menu: bytes


@pytest.fixture(scope="module")
def grub(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Grub:
    asked = subprocess.run(["sfdisk", "-J", raw], capture_output=True, check=True)
    boot = json.loads(asked.stdout)["partitiontable"]["partitions"][0]
    place = loop.Place(boot["start"] * 512, boot["size"] * 512)
    point = tmp_path_factory.mktemp("boot")
    with loop.opened(raw, place) as device:
        subprocess.run(["mount", "-o", "ro,noload", device, point], check=True)
        try:
            path = point / "grub/grub.cfg"
            number = path.stat().st_dev
            found = pieces(bytes(path), f"{os.major(number)}:{os.minor(number)}")
            content = menu.with_console(path.read_bytes())
        finally:
            subprocess.run(["umount", point], check=True)
    assert content is not None
    return Grub([(logical, place.offset + there, size) for logical, there, size in found], content)


def started(raw: Path, grub: Grub, content: bytes, directory: Path) -> Boot:
    before = hashlib.sha256(raw.read_bytes()).digest()
    disk = Disk(bytes(raw), "vda", False, grub.pieces, content)
    boot = machine.start(disk, bytes(directory), DEADLINE)
    assert hashlib.sha256(raw.read_bytes()).digest() == before  # nothing was written to it
    assert [path.name for path in directory.iterdir()] == ["console"]
    return boot


def test_a_disk_that_boots(raw: Path, grub: Grub, tmp_path: Path) -> None:
    with TIMES.step("boot test: up"):
        boot = started(raw, grub, grub.menu, tmp_path)
    assert (boot.verdict, boot.found) == ("up", "it came up")
    # There is no network, and that is no fault of the disk's.
    assert set(boot.failed) == set(boot.for_want_of_network) != set()
    assert b"login: " in (tmp_path / "console").read_bytes()


@pytest.mark.parametrize(
    ("good", "bad", "found"),
    [
        (b"/vmlinuz-", b"/vmlinux-", "GRUB: file `/vmlinux-"),
        (b"initrd ", b"#nitrd ", "the kernel panicked: VFS: Unable to mount root fs"),
    ],
)
def test_a_disk_that_does_not(
    raw: Path, grub: Grub, tmp_path: Path, good: bytes, bad: bytes, found: str
) -> None:
    assert good in grub.menu
    with TIMES.step(f"boot test: {found[:30]}"):
        boot = started(raw, grub, grub.menu.replace(good, bad), tmp_path)
    assert boot.verdict == "broken" and boot.found.startswith(found)
