"""What a trial needs on an image is written once, and inert outside a trial."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from unit.boot.selection.test_grub_uefi import device

from drdwrap.boot.selection import trial_files
from drdwrap.boot.selection.image import Image, StatePlace
from drdwrap.boot.selection.trial_files import SCRIPT, Bounds, kernel_arguments
from drdwrap.paths.patterns import PatternList
from drdwrap.trim.locations import BUILT_IN

BOUNDS = Bounds(900, ((b"test", b"-e", b"/a b"),))


def image(root: Path, init: str) -> Image:
    place = StatePlace("1111-2222", "ext4", b"/grub/drdwrap.env")
    return Image("drd00", bytes(root), device("/dev/vdb"), b"boot/grub", place, None, b"", init)


def files(root: Path, init: str) -> list[trial_files.TrialFile]:
    note, report = "/var/lib/drdwrap/activation", ["/usr/bin/drdwrap", "status", "--after-boot"]
    return trial_files.trial_files(image(root, init), "vg00", BOUNDS, note, report)


@pytest.mark.parametrize("init", ["systemd", "sysv"])
def test_what_is_written_is_written_once(tmp_path: Path, init: str) -> None:
    wanted = files(tmp_path, init)
    assert trial_files.write(bytes(tmp_path), wanted) == [file.path for file in wanted]
    assert trial_files.write(bytes(tmp_path), wanted) == []
    script = tmp_path / SCRIPT.lstrip("/")
    assert script.stat().st_mode & 0o777 == 0o755
    script.write_text("#!/bin/sh\n")
    assert trial_files.write(bytes(tmp_path), wanted) == [SCRIPT]
    for file in wanted:
        path = tmp_path / file.path.lstrip("/")
        assert not file.target or os.readlink(path) == file.target


@pytest.mark.parametrize("init", ["systemd", "sysv"])
def test_no_sync_carries_it_over(tmp_path: Path, init: str) -> None:
    places = PatternList.of([place.encode() for place, _ in BUILT_IN])
    for file in files(tmp_path, init):
        assert places.cover(os.fsencode(file.path.lstrip("/"))), file.path


def test_every_unit_is_inert_outside_a_trial(tmp_path: Path) -> None:
    for file in files(tmp_path, "systemd"):
        if file.path.endswith((".service", ".timer")) and not file.target:
            assert b"ConditionKernelCommandLine=" in file.content, file.path


@pytest.mark.parametrize("init", ["systemd", "sysv"])
def test_its_scripts_are_clean(tmp_path: Path, init: str) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    trial_files.write(bytes(tmp_path), files(tmp_path, init))
    scripts = [
        tmp_path / file.path.lstrip("/")
        for file in files(tmp_path, init)
        if file.content.startswith(b"#!/bin/sh")
    ]
    done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len(scripts) == (1 if init == "systemd" else 3)


def test_a_watchdog_is_armed_only_where_there_is_one() -> None:
    assert "watchdog" not in kernel_arguments("12", watchdog=False)
    armed = kernel_arguments("12", watchdog=True)
    assert armed.split()[:2] == ["drdwrap.trial=12", "panic=30"]
    assert "systemd.watchdog_sec=60" in armed


@pytest.mark.parametrize(("seconds", "text"), [(90, "90 s"), (900, "15 min"), (7200, "2 h")])
def test_durations_are_said_in_words(seconds: int, text: str) -> None:
    assert trial_files.in_words(seconds) == text
