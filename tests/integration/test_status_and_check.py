"""``status`` and ``check``: how things stand, and what stands in the way of a sync."""

from __future__ import annotations

from .lab.files import put
from .lab.images import command
from .lab.pair import Pair


def test_status_tells_of_the_last_run(filled: Pair) -> None:
    filled.run("sync")
    told = filled.run("status").stdout.decode()
    assert str(filled.booted) in told
    assert str(filled.clone) in told


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
    assert b"2" in filled.run("status").stdout


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
    told = done.stdout.decode().lower()
    assert "mount" in told
    assert "record" in told


def test_check_changes_nothing(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    before = filled.both(ctimes=True, with_root=True)
    filled.run("check")
    assert filled.both(ctimes=True, with_root=True) == before
