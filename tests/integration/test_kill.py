"""SIGKILL at many instants: the next sync puts everything right and loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .lab.files import put, rewrite_unnoticed
from .lab.moments import after_the_copy
from .lab.moments import kill as kill_now
from .lab.pair import Pair
from .lab.processes import kill, wait_until
from .lab.program import Program
from .lab.rsync import interpose, interposed

INSTANTS = 6


def kill_drdwrap(program: Program) -> None:
    program.signal(signal.SIGKILL)


def kill_rsync(program: Program) -> None:
    kill(program.rsyncs())


def kill_both(program: Program) -> None:
    program.kill_all()


VICTIMS = [kill_drdwrap, kill_rsync, kill_both]


@pytest.fixture
def busy(filled: Pair) -> Pair:
    """Enough to copy that a run can be killed in the middle of it."""
    filled.configure(rsync={"options": ["--bwlimit=40000"]})
    change(filled, 0)
    filled.sync()
    return filled


def change(pair: Pair, turn: int) -> None:
    """A bit of everything on the booted side, other files and contents at every turn."""
    root = pair.booted
    for number in range(12):
        put(root, f"srv/new/{number}", os.urandom(100_000 + turn))
    put(root, f"srv/added/{turn}/one/file", b"%d\n" % turn)
    (root / f"srv/added/{turn}/link").symlink_to("one/file")
    os.link(root / "srv/new/3", root / f"srv/added/{turn}/hard")
    os.mkfifo(root / f"srv/added/{turn}/fifo")
    rewrite_unnoticed(root / "srv/data/07")
    (root / "srv/data").chmod(0o750 + turn % 8)
    put(root, "etc/hosts", b"booted %d\n" % turn)
    turned = root / "srv/turned"
    if turned.is_dir():
        shutil.rmtree(turned)
        turned.write_bytes(b"a file\n")
    else:
        turned.unlink(missing_ok=True)
        put(turned, "inside")
    if turn > 1:
        shutil.rmtree(root / f"srv/added/{turn - 2}")


CLONE_CHANGES = ("etc/hosts", "srv/own")


def assert_clone_changes_kept(pair: Pair, turn: int) -> None:
    assert (pair.clone / "etc/hosts").read_bytes() == b"clone %d\n" % turn
    assert (pair.clone / "srv/own").read_bytes() == b"own %d\n" % turn


def assert_put_right(pair: Pair, turn: int) -> None:
    pair.wait_for_lock()
    assert_clone_changes_kept(pair, turn)
    pair.sync()
    assert pair.report("target_changed") == [b"/etc/hosts"]
    assert pair.differences(*CLONE_CHANGES) == []
    assert pair.temporary_files() == []
    assert not (pair.state / "intent").exists()
    assert_clone_changes_kept(pair, turn)


def duration(pair: Pair) -> float:
    started = time.monotonic()
    pair.run("sync")
    return time.monotonic() - started


@pytest.mark.parametrize("victim", VICTIMS)
def test_at_any_instant(busy: Pair, rsync: str, victim: Callable[[Program], None]) -> None:
    change(busy, 1)
    whole = duration(busy)
    hit = 0
    for instant in range(INSTANTS):
        turn = instant + 2
        change(busy, turn)
        put(busy.clone, "etc/hosts", b"clone %d\n" % turn)
        put(busy.clone, "srv/own", b"own %d\n" % turn)
        program = busy.start("sync")
        time.sleep(whole * (instant + 0.5) / INSTANTS)
        if program.running():
            victim(program)
        hit += program.wait().returncode != 0
        assert_put_right(busy, turn)
    # rsync is but a part of the run: it may have been missed, and has a test of its own below.
    assert hit or victim is kill_rsync
    again = busy.sync()
    assert again["copied"] == again["deleted"] == 0


def test_an_intent_that_outlived_its_record_goes_with_the_next_run(filled: Pair) -> None:
    """Killed between the two: it has only to be removed."""
    put(filled.booted, "etc/motd", b"booted\n")
    intent, kept = filled.state / "intent", filled.home / "intent"
    interpose(filled, after=f"cp {intent} {kept}")
    filled.sync()
    shutil.copy(kept, intent)
    assert filled.sync()["copied"] == 0
    assert not intent.exists()
    put(filled.booted, "etc/motd", b"again\n")
    assert filled.sync()["copied"] == 1


def has_intent(pair: Pair) -> bool:
    return (pair.state / "intent").exists()


def has_temporary_files(pair: Pair) -> bool:
    return any(path.is_file() for path in (pair.clone / ".drdwrap.tmp").rglob("*"))


@pytest.mark.parametrize("moment", [has_intent, has_temporary_files])
def test_again_and_again_before_one_is_let_through(
    busy: Pair, rsync: str, moment: Callable[[Pair], bool]
) -> None:
    busy.configure(rsync={"options": ["--bwlimit=4000"]})
    for turn in range(1, 6):
        change(busy, turn)
        put(busy.clone, "etc/hosts", b"clone %d\n" % turn)
        put(busy.clone, "srv/own", b"own %d\n" % turn)
        program = busy.start("sync")
        wait_until(lambda: moment(busy), f"{moment.__name__}")
        program.kill_all()
        program.wait()
        busy.wait_for_lock()
        assert_clone_changes_kept(busy, turn)
    busy.configure(rsync={"options": []})
    assert_put_right(busy, 5)
    again = busy.sync()
    assert again["copied"] == again["deleted"] == 0


def test_an_rsync_that_is_killed_is_an_error(busy: Pair, rsync: str) -> None:
    busy.configure(rsync={"options": ["--bwlimit=2000"]})
    change(busy, 1)
    program = busy.start("sync")
    wait_until(lambda: has_temporary_files(busy), "the copy is going")
    kill_rsync(program)
    done = program.wait()
    assert done.returncode == 1
    assert b"paths were not reached" in done.stderr
    busy.configure(rsync={"options": []})
    busy.sync()
    assert busy.differences() == []


@pytest.mark.parametrize("victims", ["$$", "$PPID $$"])
@pytest.mark.parametrize("left", ["new/3", "added/0/hard", "added/[01]/hard", "new/.*"])
def test_a_kill_between_the_names_of_a_file(busy: Pair, left: str, victims: str) -> None:
    """Those it did not reach have fewer names on the clone then, and that is no change of
    anybody's."""
    change(busy, 1)
    interpose(
        busy,
        before=f"""
            for argument; do case $argument in --files-from=*) list=${{argument#*=}} ;; esac; done
            grep -zv 'srv/{left}$' "$list" >"$list.reached"; mv "$list.reached" "$list"
        """,
        after=f"kill -KILL {victims}",
    )
    assert busy.start("sync").wait().returncode in (1, -signal.SIGKILL)
    assert interposed(busy)
    busy.wait_for_lock()
    assert busy.sync()["copied"] > 0
    assert busy.differences() == []


def test_what_the_administrator_changes_after_it_is_kept(busy: Pair) -> None:
    """The half-done run's files are drdwrap's own; what was changed since is not."""
    change(busy, 1)
    program = busy.start("sync", prepare=after_the_copy(kill_now))
    program.wait()
    busy.wait_for_lock()
    program.kill_all()
    assert has_intent(busy)
    put(busy.clone, "srv/new/5", b"clone, after the kill\n")
    put(busy.clone, "srv/added/1/one/file", b"clone, after the kill\n")
    put(busy.clone, "srv/data/11", b"clone, after the kill\n")
    busy.sync()
    kept = ["srv/new/5", "srv/added/1/one/file", "srv/data/11"]
    assert {(busy.clone / name).read_bytes() for name in kept} == {b"clone, after the kill\n"}
    told = busy.report("target_changed") + busy.report("clone_only")
    assert sorted(told) == [b"/srv/added/1/one/file", b"/srv/data/11", b"/srv/new/5"]
    assert busy.differences(*kept) == []


@pytest.mark.parametrize("run", ["killed", "whole"])
def test_what_the_administrator_takes_back_after_it(filled: Pair, run: str) -> None:
    """Both sides have made a file alike. A killed run has not recorded that: the clone that is back
    at the record has not changed. After a whole one, to go back is a change."""
    name = "srv/data/07"
    for root in (filled.booted, filled.clone):
        (root / name).chmod(0o600)
    put(filled.booted, "etc/motd", b"booted\n")
    if run == "killed":
        interpose(filled, before="kill -KILL $PPID $$")
        filled.start("sync").wait()
        filled.wait_for_lock()
        assert interposed(filled) and has_intent(filled)
    else:
        filled.sync()
    (filled.clone / name).chmod(0o644)
    filled.sync()
    taken = stat.S_IMODE((filled.clone / name).stat().st_mode)
    assert taken == (0o600 if run == "killed" else 0o644)
    assert filled.report("clone_only") == ([] if run == "killed" else [b"/" + name.encode()])


def test_a_special_file_of_other_rights_made_after_it_is_kept(filled: Pair) -> None:
    """One that is like it except for its time may be what rsync had begun."""
    for name in ("kept", "begun"):
        os.mkfifo(filled.booted / "srv" / name, 0o640)
    interpose(filled, before="kill -KILL $PPID $$")
    filled.start("sync").wait()
    filled.wait_for_lock()
    assert interposed(filled) and has_intent(filled)
    os.mkfifo(filled.clone / "srv/kept", 0o600)
    os.mkfifo(filled.clone / "srv/begun", 0o640)
    os.chmod(filled.clone / "srv/begun", 0o640)
    filled.sync()
    assert filled.report("target_changed") == [b"/srv/begun", b"/srv/kept"]
    assert stat.S_IMODE((filled.clone / "srv/kept").lstat().st_mode) == 0o600
    booted, clone = ((root / "srv/begun").lstat() for root in (filled.booted, filled.clone))
    assert booted.st_mtime_ns != clone.st_mtime_ns


def test_what_the_booted_system_changes_after_it_is_copied(busy: Pair) -> None:
    """What the killed run put is older than what is there now, and drdwrap's own."""
    change(busy, 1)
    program = busy.start("sync", prepare=after_the_copy(kill_now))
    program.wait()
    busy.wait_for_lock()
    program.kill_all()
    change(busy, 2)
    (busy.booted / "srv/new/5").unlink()
    (busy.booted / "srv/new/6").unlink()
    (busy.booted / "srv/new/6").symlink_to("7")
    busy.sync()
    assert busy.report("target_changed") == []
    assert busy.differences() == []


@pytest.mark.parametrize("when", ["before it", "after it"])
def test_an_attribute_set_on_a_directory_of_the_clone_is_kept(busy: Pair, when: str) -> None:
    """The killed run moved the directory's times: what else moved is not its doing."""
    directory = busy.clone / "srv"
    if when == "before it":
        os.setxattr(directory, "user.note", b"of the clone")
    put(busy.booted, "srv/one more", b"")
    busy.start("sync", prepare=after_the_copy(kill_now)).wait()
    busy.wait_for_lock()
    assert (directory / "one more").exists()
    assert has_intent(busy)
    if when == "after it":
        os.setxattr(directory, "user.note", b"of the clone")
    busy.sync()
    assert os.getxattr(directory, "user.note") == b"of the clone"
    assert busy.report("target_changed") + busy.report("clone_only") == [b"/srv"]


def test_an_attribute_set_on_a_directory_of_the_booted_system_after_it_arrives(busy: Pair) -> None:
    os.setxattr(busy.booted / "srv", "user.note", b"first")
    busy.sync()
    put(busy.booted, "srv/one more", b"")
    busy.start("sync", prepare=after_the_copy(kill_now)).wait()
    busy.wait_for_lock()
    os.setxattr(busy.booted / "srv", "user.note", b"second")
    busy.sync()
    assert os.getxattr(busy.clone / "srv", "user.note") == b"second"
    assert busy.differences() == []


def test_what_the_booted_system_erases_after_a_change_of_type_goes_unreported(
    busy: Pair,
) -> None:
    """The killed run made a file of a directory; what was in that is gone from both sides."""
    directory = busy.booted / "srv/added"
    put(busy.booted, "srv/added/inside", b"first\n")
    busy.sync()
    shutil.rmtree(directory)
    directory.write_bytes(b"a file now\n")
    busy.start("sync", prepare=after_the_copy(kill_now)).wait()
    busy.wait_for_lock()
    assert (busy.clone / "srv/added").read_bytes() == b"a file now\n"
    directory.unlink()
    busy.sync()
    assert busy.report("target_changed") == []
    assert busy.differences() == []


def test_a_preview_after_it_changes_nothing_and_a_sync_after_that_puts_it_right(
    busy: Pair,
) -> None:
    change(busy, 1)
    program = busy.start("sync", prepare=after_the_copy(kill_now))
    program.wait()
    busy.wait_for_lock()
    program.kill_all()
    before = busy.both(ctimes=True, with_root=True)
    busy.preview()
    assert busy.both(ctimes=True, with_root=True) == before
    assert has_intent(busy)
    busy.sync()
    assert busy.differences() == []


def test_the_fill_killed_at_any_instant_can_be_done_again(pair: Pair, rsync: str) -> None:
    pair.configure(rsync={"options": ["--bwlimit=40000"]})
    for number in range(20):
        put(pair.booted, f"srv/new/{number}", os.urandom(100_000))
    for instant in range(5):
        program = pair.start("clone", "--overwrite")
        time.sleep(0.03 + 0.04 * instant)
        program.kill_all()
        program.wait()
        pair.wait_for_lock()
        pair.run("clone", "--overwrite")
        assert pair.differences() == []
        assert pair.temporary_files() == []
        assert pair.sync()["copied"] == 0
        for entry in pair.clone.iterdir():
            if entry.name != "lost+found":
                remove(entry)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def test_a_sync_onto_a_half_filled_clone_is_refused_or_whole(pair: Pair) -> None:
    """Half a clone must not pass for one that another tool made."""
    pair.configure(rsync={"options": ["--bwlimit=2000"]})
    for number in range(20):
        put(pair.booted, f"srv/new/{number}", os.urandom(100_000))
    program = pair.start("clone")
    wait_until(lambda: (pair.clone / "srv/new/0").exists(), "a first file has arrived")
    program.kill_all()
    program.wait()
    pair.wait_for_lock()
    pair.configure(rsync={"options": []})
    done = pair.start("sync").wait()
    assert done.returncode in (0, 1)
    if done.returncode == 0:
        assert pair.differences() == []
    else:
        assert b"clone" in done.stderr
