"""``--json``: one object on standard output and nothing else there."""

from __future__ import annotations

import fcntl
import json

import pytest

from .lab.files import put
from .lab.pair import Pair
from .lab.rsync import interpose

COUNTS = {
    "initial",
    "in_step",
    "files_to_be_copied",
    "non_synced_location",
    "target_changed",
    "nonvolatile",
    "volatile",
    "owner",
    "erased_on_booted_system",
    "changed_on_clone_only",
    "copied",
    "deleted",
}


@pytest.mark.parametrize("command", ["preview", "sync"])
def test_a_run_tells_what_the_contract_says(filled: Pair, command: str) -> None:
    put(filled.booted, "etc/motd", bytes(1000))
    put(filled.booted, "srv/data/07", bytes(234))
    told = filled.json(command)
    assert set(told) >= {
        "booted_root",
        "clone_root",
        "counts",
        "bytes_to_be_copied",
        "warnings",
        "exit_status",
    }
    assert told["booted_root"] == str(filled.booted)
    assert told["clone_root"] == str(filled.clone)
    assert set(told["counts"]) == COUNTS
    assert told["bytes_to_be_copied"] == 1234
    assert told["warnings"] == []
    assert told["exit_status"] == 0
    assert told["counts"]["files_to_be_copied"] == 2
    assert told["counts"]["copied"] == (2 if command == "sync" else 0)


def test_sync_p_is_preview(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    assert filled.json("sync", "-p")["counts"]["copied"] == 0
    assert filled.json("-p", "sync")["counts"]["copied"] == 0
    assert (filled.clone / "etc/motd").read_bytes() == b"welcome\n"


def test_a_warning_is_in_it(filled: Pair) -> None:
    filled.configure(max_deletions=1)
    for number in range(3):
        (filled.booted / f"srv/data/{number:02}").unlink()
    told = filled.json("sync", ok=2)
    assert told["exit_status"] == 2
    assert told["warnings"]


def test_names_of_any_bytes_keep_it_valid(filled: Pair) -> None:
    for name in (b"\xff\xfe", b'"', b"\\", b"\n", b"\x1b"):
        put(filled.booted, b"srv/" + name + b"/file", bytes(5000))
    told = filled.run("--json", "preview").stdout
    assert json.loads(told.decode("utf-8"))["counts"]["files_to_be_copied"] == 10


def test_a_refusal_prints_nothing_else_there(filled: Pair) -> None:
    (filled.state / "record").write_bytes(b"garbage\n")
    done = filled.run("--json", "sync", ok=1)
    assert done.stderr
    if done.stdout:
        assert json.loads(done.stdout)["exit_status"] == 1


def test_verbosity_does_not_spoil_it(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    told = filled.run("-v", "-v", "--json", "sync").stdout
    assert json.loads(told)["counts"]["copied"] == 1


@pytest.mark.parametrize(
    "command",
    ["accept /etc/motd", "check", "clone", "config check", "explain /etc/motd", "report", "sync"],
)
def test_any_error_is_an_object(filled: Pair, command: str) -> None:
    filled.config.write_text("nonsense: 1\n")
    told = filled.json(*command.split(), ok=1)
    assert "nonsense" in told["error"]
    assert told["exit_status"] == 1


def test_a_report_is_an_object(filled: Pair) -> None:
    put(filled.booted, "srv/new")
    filled.preview()
    told = filled.json("report", "files_to_be_copied")
    assert told == {"report": "files_to_be_copied", "paths": ["/srv/new"]}


@pytest.mark.parametrize("command", ["status", "check"])
def test_what_else_is_told_as_json_is_an_object(filled: Pair, command: str) -> None:
    assert isinstance(json.loads(filled.run("--json", command).stdout), dict)


@pytest.mark.parametrize(
    "command",
    ["nosuch", "sync --bad", "sync extra", "config sample", "config check", "status", "report"],
)
def test_whatever_is_asked_gets_one_object(filled: Pair, command: str) -> None:
    usage = command.split()[-1] in ("nosuch", "--bad", "extra")
    done = filled.run("--json", *command.split(), ok=1 if usage else 0)
    told = json.loads(done.stdout)
    assert isinstance(told, dict)
    if usage:
        assert told["exit_status"] == 1 and told["error"]


def test_a_run_that_is_skipped_says_so(filled: Pair) -> None:
    with (filled.state / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert filled.json("sync", "--skip-if-running") == {"skipped": True, "exit_status": 0}


def test_accept_tells_its_status(filled: Pair) -> None:
    assert filled.json("accept", "/etc/motd", ok=2)["exit_status"] == 2


def test_raw_paths_are_no_json(filled: Pair) -> None:
    filled.preview()
    done = filled.run("--json", "report", "-0", "target_changed", ok=1)
    assert "raw" in json.loads(done.stdout)["error"]


def test_an_error_is_on_stderr_besides(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, before="exit 12")
    done = filled.run("--json", "sync", ok=1)
    told = json.loads(done.stdout)
    assert told["exit_status"] == 1
    assert f"drdwrap: {told['error']}" in done.stderr.decode()
