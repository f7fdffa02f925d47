"""What a run refuses to start on: nothing is copied, nothing deleted, exit 1, and why is said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .lab.files import copy_as_is, populate, put
from .lab.images import command
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.snapshot import snapshot

WRITTEN_ANYWAY = {"lock", "outcome.json"}


def state_files(pair: Pair) -> dict[str, bytes]:
    if not pair.state.exists():
        return {}
    return {
        str(path.relative_to(pair.state)): path.read_bytes()
        for path in pair.state.rglob("*")
        if path.is_file() and path.name not in WRITTEN_ANYWAY
    }


def assert_refuses(pair: Pair, *saying: str, untouched: Path | None = None) -> None:
    """Neither preview nor sync starts; neither tree nor what is recorded changes."""
    trees = [path for path in (pair.booted, pair.clone, untouched) if path and path.exists()]
    before = [snapshot(tree, ctimes=True, with_root=True) for tree in trees]
    recorded = state_files(pair)
    for verb in ("preview", "sync"):
        done = pair.run(verb, ok=1)
        told = (done.stdout + done.stderr).decode().lower()
        assert told.strip()
        for words in saying:
            assert any(word in told for word in words.split("|")), told
        assert [snapshot(tree, ctimes=True, with_root=True) for tree in trees] == before
        assert state_files(pair) == recorded


def test_a_clone_inside_the_booted_tree(filled: Pair, mounts: Mounts) -> None:
    inside = filled.booted / "mnt"
    inside.mkdir()
    mounts.bind(filled.clone, inside)
    filled.configure(clone={"root": str(inside)})
    put(filled.booted, "etc/motd", b"booted\n")
    assert_refuses(filled, "inside|within|below|under|apart")


def test_a_booted_tree_inside_the_clone(filled: Pair, mounts: Mounts) -> None:
    inside = filled.clone / "mnt"
    inside.mkdir()
    mounts.bind(filled.booted, inside)
    filled.configure(booted={"root": str(inside)})
    put(filled.booted, "etc/motd", b"booted\n")
    assert_refuses(filled, "inside|within|below|under|apart")


def test_a_clone_inside_the_booted_tree_by_way_of_a_link(filled: Pair) -> None:
    (filled.booted / "sub").mkdir()
    link = filled.home / "link"
    link.symlink_to(filled.booted / "sub")
    filled.configure(clone={"root": str(link), "require_mount": False})
    put(filled.booted, "etc/motd", b"booted\n")
    assert_refuses(filled)
    assert list((filled.booted / "sub").iterdir()) == []


def test_a_clone_that_is_the_booted_tree(filled: Pair) -> None:
    filled.configure(clone={"root": str(filled.booted)})
    assert_refuses(filled)


def test_a_clone_that_is_another_mount_of_the_booted_file_system(
    filled: Pair, mounts: Mounts
) -> None:
    twice = filled.home / "twice"
    twice.mkdir()
    mounts.bind(filled.booted, twice)
    filled.configure(clone={"root": str(twice)})
    put(filled.booted, "etc/motd", b"booted\n")
    assert_refuses(filled)


def test_a_clone_that_is_not_mounted(filled: Pair, mounts: Mounts) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    command("umount", filled.clone)
    assert_refuses(filled, "mount")
    assert list(filled.clone.iterdir()) == []


def test_a_clone_root_that_is_a_plain_directory(filled: Pair) -> None:
    plain = filled.home / "plain"
    shutil.copytree(filled.booted, plain, symlinks=True)
    filled.configure(clone={"root": str(plain)})
    assert_refuses(filled, "mount", untouched=plain)


def test_a_clone_root_that_does_not_exist(filled: Pair) -> None:
    filled.configure(clone={"root": str(filled.home / "nowhere")})
    assert_refuses(filled)


def test_a_booted_root_that_does_not_exist(filled: Pair) -> None:
    filled.configure(booted={"root": str(filled.home / "nowhere")})
    assert_refuses(filled)


def test_a_clone_that_is_read_only(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    command("mount", "-o", "remount,ro", filled.clone)
    assert_refuses(filled, "read-only|read only")
    command("mount", "-o", "remount,rw", filled.clone)
    filled.sync()
    assert filled.differences() == []


def test_a_booted_tree_that_is_not_mounted(filled: Pair) -> None:
    command("umount", filled.booted)
    assert_refuses(filled)


def test_a_booted_tree_that_was_emptied(filled: Pair) -> None:
    for entry in filled.booted.iterdir():
        if entry.name != "lost+found":
            command("rm", "-rf", entry)
    assert_refuses(filled)


def test_a_booted_tree_that_lost_most_of_what_is_recorded_is_no_reason(filled: Pair) -> None:
    """Anyone can make more files than the system has, and remove them."""
    for name in ("srv", "var", "home"):
        shutil.rmtree(filled.booted / name)
    put(filled.booted, "etc/motd", b"booted\n")
    filled.configure(max_deletions="10%")
    (warning,) = filled.json("sync", ok=2)["warnings"]
    assert "more than max_deletions" in warning
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    assert (filled.clone / "srv/data/07").exists()
    filled.sync("-x", "max_deletions=1000")
    assert filled.differences() == []


def test_a_volume_that_is_empty_and_was_not(pair: Pair, mounts: Mounts) -> None:
    """It is mounted, as far as can be told, and has lost everything. The way out harms nothing."""
    for root, name in ((pair.booted, "booted-srv"), (pair.clone, "clone-srv")):
        (root / "srv").mkdir()
        mounts.image_at(name, root / "srv")
    populate(pair.booted)
    pair.configure(booted={"volumes": ["/", "/srv"]}, exclude_list=["*.iso"])
    pair.clone_fill()
    before = snapshot(pair.clone / "srv", ctimes=True)
    for entry in (pair.booted / "srv").iterdir():
        if entry.name != "lost+found":
            command("rm", "-rf", entry)
    put(pair.booted, "srv/excluded.iso")
    put(pair.booted, "etc/motd", b"booted\n")
    assert_refuses(pair, "/srv on the booted system is empty")
    assert_refuses(pair, "make a file or directory there and sync again")
    shown = pair.run("check", ok=1)
    assert b"/srv on the booted system is empty" in shown.stdout + shown.stderr
    assert snapshot(pair.clone / "srv", ctimes=True) == before
    pair.configure(exclude_list=["*.iso", "/srv"])
    pair.sync()
    assert (pair.clone / "etc/motd").read_bytes() == b"booted\n"
    assert snapshot(pair.clone / "srv", ctimes=True) == before
    assert pair.report("erased") == []
    pair.configure(exclude_list=["*.iso"])
    put(pair.booted, "srv/kept")
    assert pair.sync()["deleted"] == len(before)
    assert list(snapshot(pair.clone / "srv")) == [b"kept"]
    (pair.booted / "srv/kept").unlink()
    put(pair.clone, "srv/own")
    assert_refuses(pair, "/srv on the booted system is empty")


def test_a_volume_that_was_never_anything_but_empty_is_no_reason(
    pair: Pair, mounts: Mounts
) -> None:
    for root, name in ((pair.booted, "booted-new"), (pair.clone, "clone-new")):
        (root / "new").mkdir()
        mounts.image_at(name, root / "new")
        (root / "new/deep/er").mkdir(parents=True)
        mounts.image_at(f"{name}-deeper", root / "new/deep/er")
    populate(pair.booted)
    pair.configure(booted={"volumes": ["/", "/new", "/new/deep/er"]})
    put(pair.booted, "new/deep/er/file")
    pair.clone_fill()
    assert pair.sync()["copied"] == 0
    (pair.booted / "new/deep/er/file").unlink()
    assert_refuses(pair, "/new/deep/er on the booted system is empty")


def test_an_empty_clone_without_a_record(pair: Pair) -> None:
    populate(pair.booted)
    assert_refuses(pair, "clone")


def test_another_clone_than_the_recorded(filled: Pair, mounts: Mounts) -> None:
    other = mounts.image("other").point
    copy_as_is(filled.booted, other)
    put(filled.booted, "etc/motd", b"booted\n")
    filled.configure(clone={"root": str(other)})
    assert_refuses(filled, "record", untouched=other)


def test_another_source_than_the_recorded(filled: Pair, mounts: Mounts) -> None:
    other = mounts.image("other").point
    copy_as_is(filled.booted, other)
    put(other, "etc/motd", b"booted\n")
    filled.configure(booted={"root": str(other)})
    assert_refuses(filled, "record", untouched=other)


def test_a_state_directory_restored_from_a_backup(filled: Pair) -> None:
    backup = filled.home / "backup"
    shutil.copytree(filled.state, backup)
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    shutil.rmtree(filled.state)
    shutil.copytree(backup, filled.state)
    put(filled.booted, "etc/motd", b"booted again\n")
    assert_refuses(filled, "record|generation")


def test_a_clone_restored_from_a_backup(filled: Pair) -> None:
    """An image of the clone from before the last sync: the record knows a later one."""
    marker = os.getxattr(filled.clone, "user.drdwrap")
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    os.setxattr(filled.clone, "user.drdwrap", marker)
    assert_refuses(filled, "record|generation")


def test_a_clone_that_lost_its_marker(filled: Pair) -> None:
    os.removexattr(filled.clone, "user.drdwrap")
    assert_refuses(filled, "record|generation")


def damage_record(pair: Pair) -> list[bytes]:
    """The record damaged in many ways: cut short, grown, one bit or one block wrong."""
    good = (pair.state / "record").read_bytes()
    size = len(good)
    cut = [good[:length] for length in (0, 1, size // 3, size // 2, size - 1)]
    told = [place for place, byte in enumerate(good) if byte]  # what is no padding
    flipped = [
        good[:place] + bytes([good[place] ^ 4]) + good[place + 1 :]
        for place in (told[n * (len(told) - 1) // 12] for n in range(13))
    ]
    middle = told[len(told) // 2]
    zeroed = [good[:middle] + bytes(64) + good[middle + 64 :]]
    foreign = [b"\x7fELF" + good, good + b"x", b"garbage\n", b"{}", b"\0" * 4096]
    return cut + flipped + zeroed + foreign


def test_a_record_damaged_in_any_way(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/hosts", b"clone\n")
    before = filled.both(ctimes=True)
    record = filled.state / "record"
    good = record.read_bytes()
    for damaged in damage_record(filled):
        record.write_bytes(damaged)
        done = filled.run("sync", ok=1)
        assert b"record" in done.stderr.lower()
        assert filled.both(ctimes=True) == before
        assert record.read_bytes() == damaged
    record.write_bytes(good)
    assert filled.sync()["copied"] == 1
    assert filled.report("clone_only") == [b"/etc/hosts"]


def test_a_record_of_another_pair(filled: Pair, mounts: Mounts) -> None:
    """The administrator copied a state directory, or both configurations name one."""
    (filled.home / "two").mkdir()
    other = Pair(filled.home / "two", mounts.image("other").point, mounts.image("second").point)
    populate(other.booted)
    other.clone_fill()
    shutil.copy2(other.state / "record", filled.state / "record")
    put(filled.booted, "etc/motd", b"booted\n")
    assert_refuses(filled, "record")


def test_the_way_out_of_a_damaged_record_is_told(filled: Pair) -> None:
    (filled.state / "record").write_bytes(b"garbage\n")
    told = filled.run("sync", ok=1).stderr
    assert any(way in told for way in (b"clone", b"--adopt", b"remove", b"erase")), told


def test_what_cannot_be_looked_at_is_not_taken_for_erased(filled: Pair, mounts: Mounts) -> None:
    """A volume of the pair that is not mounted: its files have not been erased."""
    filled.configure(booted={"volumes": ["/", "/srv"]})
    put(filled.booted, "etc/motd", b"booted\n")
    assert_refuses(filled, "/srv")


def test_what_it_writes_for_itself_on_the_clone(pair: Pair) -> None:
    """Nothing of it is made there: a clone that is to be filled has to be empty."""
    populate(pair.booted)
    for setting, name in (("state_dir", "state"), ("log_file", "log")):
        pair.configure(**{setting: str(pair.clone / "own" / name)})
        for verb in ("clone", "sync", "preview"):
            assert f"set {setting}" in pair.run(verb, ok=1).stderr.decode()
        failed = [line for line in pair.run("check", ok=1).stdout.splitlines() if b"FAILED" in line]
        assert any(b"is not on the clone" in line for line in failed)
        pair.configure(state_dir=str(pair.state), log_file=str(pair.log))
        assert not (pair.clone / "own").exists()
    pair.run("clone")


def test_a_log_on_the_clone_is_kept_as_the_outcome(filled: Pair) -> None:
    filled.configure(
        log_file=str(filled.clone / "own/log"),
        hooks={"on_error": [["/bin/touch", str(filled.home / "ran")]]},
    )
    filled.run("sync", ok=1)
    assert "log is not on the clone" in filled.json("status")["last_sync"]["error"]
    assert (filled.home / "ran").exists()


def test_a_state_directory_that_is_none(filled: Pair) -> None:
    shutil.rmtree(filled.state)
    filled.state.write_bytes(b"a file\n")
    said = filled.run("sync", ok=1).stderr.decode()
    assert f"state_dir cannot be used: {filled.state}: File exists" in said


def test_a_file_where_the_reports_should_be(filled: Pair) -> None:
    shutil.rmtree(filled.state / "sync")
    (filled.state / "sync").write_bytes(b"")
    said = filled.run("preview", ok=1).stderr.decode()
    assert said.strip() == f"drdwrap: {filled.state}/sync: File exists"
