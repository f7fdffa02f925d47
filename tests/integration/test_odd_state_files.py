"""Files of the state directory of an odd shape or kind, and the modes of what is made for it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .lab.files import put
from .lab.pair import Pair

ODD: list[Any] = [
    None,
    [],
    7,
    {"sync": None},
    {"sync": []},
    {"sync": {}},
    {"sync": {"exit_status": 0}},
    {"sync": {"exit_status": 0, "ended": 5}},
    {"sync": {"exit_status": "0", "ended": "2026-11-23 17:20:05", "counts": []}},
]


@pytest.mark.parametrize("odd", ODD, ids=map(str, ODD))
def test_an_odd_outcome_ends_no_command(filled: Pair, odd: Any) -> None:
    outcome = filled.state / "outcome.json"
    put(filled.booted, "etc/motd", b"booted\n")
    outcome.write_text(json.dumps(odd))
    assert "is damaged" in filled.run("status").stdout.decode()
    for command in ("preview", "sync"):
        outcome.write_text(json.dumps(odd))
        filled.run(command)
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    assert filled.json("status")["notes"] == []  # the sync has noted its own


def test_an_odd_note_of_the_shutdown_is_told(filled: Pair) -> None:
    put(filled.state, "shutdown", b"ended=soon\nresult=done\n")
    told = filled.json("status")
    assert told["shutdown"]["last_run"] is None
    (note,) = told["notes"]
    assert note.startswith(f"{filled.state}/shutdown is damaged (started is missing)")
    assert f"note: {note}" in filled.run("status").stdout.decode()


NAMES = [
    "intent",
    "outcome.json",
    "record",
    "made-here",
    "cloning",
    "shutdown",
    "shutdown-failed",
    "lock",
]
READERS = ["status", "preview", "check", "report", "sync"]


@pytest.mark.parametrize("name", [*NAMES, "outcome.json.new", "record.new", "rsync/rules"])
def test_a_fifo_under_a_name_of_drdwraps_is_not_waited_for(filled: Pair, name: str) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    for command in READERS:
        path = filled.state / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        done = filled.start(command).wait(timeout=30)
        assert done.returncode in (0, 1), done.stderr.decode()
        assert b"unexpected" not in done.stdout + done.stderr


def test_a_report_that_is_a_fifo_is_an_error(filled: Pair) -> None:
    filled.run("preview")
    filled.report_file("owner").unlink()
    os.mkfifo(filled.report_file("owner"))
    assert b"not a regular file" in filled.run("report", "owner", ok=1, timeout=30).stderr
    filled.run("preview")
    assert filled.report("owner") == []


def test_a_lock_that_is_a_fifo_is_named(filled: Pair) -> None:
    (filled.state / "lock").unlink()
    os.mkfifo(filled.state / "lock")
    said = filled.run("sync", ok=1, timeout=30).stderr.decode()
    assert f"{filled.state}/lock: not a regular file" in said
    assert "remove what is there" in said


def test_nothing_that_is_made_can_be_written_by_others(filled: Pair) -> None:
    def no_umask() -> None:
        os.umask(0)

    new = filled.home / "made"
    filled.configure(state_dir=str(new / "a/state"), log_file=str(new / "b/c/log"))
    done = filled.start("sync", prepare=no_umask).wait()
    assert done.returncode == 0, done.stderr.decode()
    open_to_others = [
        path
        for place in (new, filled.clone)
        for path in [place, *place.rglob("*")]
        if not path.is_symlink() and path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    ]
    assert open_to_others == []
    assert stat.S_IMODE((new / "a/state").stat().st_mode) == 0o700


def sparse(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(size)


@pytest.mark.parametrize("side", ["booted", "clone"])
@pytest.mark.parametrize("name", ["passwd", "group"])
def test_a_huge_account_file_is_not_read(twins: Pair, side: str, name: str) -> None:
    sparse(getattr(twins, side) / "etc" / name, 2 << 30)
    put(twins.booted, "etc/motd", b"booted\n")
    told = twins.json("preview", ok=2)
    system = "booted system" if side == "booted" else "clone"
    (warning,) = [one for one in told["warnings"] if "account file" in one]
    assert warning == (
        f"an account file of the {system} cannot be read, so its owners are not compared"
        f" (/etc/{name}: larger than 64 MiB)"
    )


def test_a_root_that_hundreds_of_links_lead_to_is_refused(filled: Pair) -> None:
    (filled.home / "0").symlink_to(filled.clone)
    for number in range(1, 1201):
        (filled.home / str(number)).symlink_to(str(number - 1))
    filled.configure(clone={"root": str(filled.home / "1200")})
    for command, ok in (("status", 0), ("check", 1), ("sync", 1)):
        done = filled.run(command, ok=ok)
        assert b"clone root is a directory" in done.stdout + done.stderr


def test_a_chain_of_links_in_a_package_tree_is_no_reason_to_fail(twins: Pair) -> None:
    for side in (twins.booted, twins.clone):
        (side / "0").mkdir()
        for number in range(1, 1201):
            (side / str(number)).symlink_to(str(number - 1))
    put(twins.booted, "0/file")
    twins.run("sync", timeout=120)
    told = twins.json("explain", "/1200/file", ok=1)
    assert "neither side" in told["error"]
    subprocess.run(["rm", "-r", twins.booted / "0"], check=True)
