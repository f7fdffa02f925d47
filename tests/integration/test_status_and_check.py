"""``status`` and ``check``: how things stand, and what stands in the way of a sync."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time

from drdwrap.record import intent as intents
from drdwrap.record import store
from drdwrap.record.intent import Intent

from .lab.files import put
from .lab.images import MIB, command
from .lab.locks import locked_clone
from .lab.pair import Pair
from .lab.processes import wait_until
from .lab.rsync import interpose, interposed


def test_status_tells_of_the_last_run(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    filled.run("sync")
    told = filled.run("status").stdout.decode()
    assert re.search(rf"(?m)^booted: +{filled.booted} \(/dev/loop\d+, mounted\)$", told)
    assert re.search(rf"(?m)^clone: +{filled.clone} \(/dev/loop\d+, mounted\)$", told)
    when = rf"{time.strftime('%Y')}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.search(rf"(?m)^clone created: +{when}$", told)
    assert re.search(rf"(?m)^last sync: +{when}, exit status 0, 1 copied, 0 removed, ", told)
    assert re.search(r"(?m)^last preview: +never$", told)


def test_status_tells_how_far_the_clone_has_diverged(filled: Pair) -> None:
    for name in ("etc/motd", "etc/hosts", "srv/data/01"):
        put(filled.clone, name, b"clone\n")
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    told = filled.run("status").stdout.decode()
    assert "1 target changed, 2 changed on the clone only" in told


def test_status_tells_of_a_failure(filled: Pair) -> None:
    filled.configure(max_deletions=1)
    for number in range(3):
        (filled.booted / f"srv/data/{number:02}").unlink()
    filled.run("sync", ok=2)
    assert re.search(rb"(?m)^last sync: .*, exit status 2, ", filled.run("status").stdout)
    (filled.state / "record").write_bytes(b"garbage\n")
    filled.run("sync", ok=1)
    told = filled.run("status").stdout
    assert re.search(rb"(?m)^last sync: .*, exit status 1: the record .* is damaged", told)


def test_status_needs_neither_record_nor_clone(pair: Pair) -> None:
    command("umount", pair.clone)
    assert pair.run("status").stdout


def test_check_is_content_with_a_pair_in_order(filled: Pair) -> None:
    done = filled.run("check")
    assert done.stdout


def test_check_names_all_problems_in_one_run(filled: Pair) -> None:
    command("umount", filled.clone)
    (filled.state / "record").write_bytes(b"garbage\n")
    done = filled.run("check", ok=1)
    told = done.stdout.decode()
    names = ("clone root is a mount point", "record is whole")
    for name in names:
        assert re.search(rf"(?m)^FAILED  {name}: .*\n        remedy: \w", told), told


def test_check_changes_nothing(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    before = filled.both(ctimes=True, with_root=True)
    filled.run("check")
    assert filled.both(ctimes=True, with_root=True) == before


def test_check_tells_what_only_a_look_at_both_sides_can(filled: Pair) -> None:
    """Each is what a sync refuses for, and nothing else is wrong."""
    for path in filled.booted.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    told = filled.run("check", ok=1).stdout.decode()
    refused = filled.run("sync", ok=1).stderr.decode()
    (failed,) = [line for line in told.splitlines() if line.startswith("FAILED")]
    assert "the booted tree is empty" in failed and "the booted tree is empty" in refused


def test_check_tells_of_a_clone_without_room(filled: Pair) -> None:
    free = os.statvfs(filled.clone)
    with (filled.clone / "own").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - MIB)
    put(filled.booted, "srv/large", os.urandom(12 * MIB))
    told = filled.run("check", ok=1).stdout.decode()
    (failed,) = [line for line in told.splitlines() if line.startswith("FAILED")]
    assert "there is room on the clone" in failed


def failed(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return [line for line in done.stdout.decode().splitlines() if line.startswith("FAILED")]


def test_a_half_made_disk_is_one_check_among_the_others(filled: Pair) -> None:
    put(filled.state, "cloning", b"/dev/disk/by-id/x")
    done = filled.run("check", ok=1)
    (told,) = failed(done)
    assert "the clone's disk is complete" in told
    assert b"record is whole" in done.stdout and b"no other run is going" in done.stdout


def test_a_clone_that_another_run_works_on_is_one_check_among_the_others(filled: Pair) -> None:
    with locked_clone(filled.clone) as other:
        done = filled.run("check", ok=1)
    (told,) = failed(done)
    assert "both sides can be read" in told and "another state_dir" in told
    assert f"PID {other}" in told
    assert b"record is whole" in done.stdout


def test_one_failed_run_does_not_make_the_last_good_one_old(filled: Pair) -> None:
    filled.run("sync")
    filled.run("sync", "-x", "hooks.before=[[/bin/false]]", ok=1)
    told = filled.json("status")
    assert told["last_sync"]["exit_status"] == 1
    assert told["last_sync"]["last_success"]
    assert told["overdue"] is False


def test_an_outcome_that_does_not_tell_of_successes_before_it_is_one_itself(filled: Pair) -> None:
    filled.run("sync")
    outcome = filled.state / "outcome.json"
    kept = json.loads(outcome.read_text())
    for one in kept.values():
        del one["last_success"]
    outcome.write_text(json.dumps(kept))
    assert filled.json("status")["overdue"] is False
    filled.run("sync", "-x", "hooks.before=[[/bin/false]]", ok=1)
    assert filled.json("status")["overdue"] is False


def test_a_run_that_is_going_is_not_one_that_was_cut_off(filled: Pair) -> None:
    interpose(filled, before=f"while [ -d {filled.home}/hold ]; do sleep 0.01; done")
    (filled.home / "hold").mkdir()
    put(filled.booted, "etc/motd", b"booted\n")
    program = filled.start("sync")
    wait_until(lambda: interposed(filled), "the copy starts")
    told = filled.json("status")
    assert (str(program.pid) in told["running"], told["interrupted"]) == (True, False)
    program.kill_all()
    program.wait()
    filled.wait_for_lock()
    told = filled.json("status")
    assert (told["running"], told["interrupted"]) == (None, True)


def test_a_clone_that_was_cut_off_is_not_said_to_be_put_right_by_the_next_sync(
    filled: Pair,
) -> None:
    interpose(filled, before="kill -KILL $PPID $$")
    filled.start("clone", "--overwrite").wait()
    filled.wait_for_lock()
    assert interposed(filled)
    told = filled.json("status")
    assert (told["interrupted"], told["half_filled"]) == (True, True)
    shown = filled.run("status").stdout
    assert b"half filled" in shown and b"clone --overwrite" in shown
    assert b"puts it right" not in shown
    filled.run("clone", "--overwrite")
    told = filled.json("status")
    assert (told["interrupted"], told["half_filled"]) == (False, False)


def test_the_last_preview_is_told_by_what_there_is_to_copy(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    filled.run("preview")
    (line,) = [
        line for line in filled.run("status").stdout.splitlines() if line.startswith(b"last prev")
    ]
    assert b" 1 to be copied" in line and b"removed" not in line


def test_a_fill_that_was_killed_when_all_but_its_intent_was_done_is_whole(filled: Pair) -> None:
    header = store.read_header(os.fsencode(filled.state / "record"))
    assert header is not None
    intents.write(os.fsencode(filled.state / "intent"), Intent.of(header, "fill"))
    told = filled.json("status")
    assert (told["interrupted"], told["half_filled"]) == (False, False)
    filled.sync()
    assert not (filled.state / "intent").exists()
