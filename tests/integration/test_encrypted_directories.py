"""What ext4 encrypts is not readable on the clone, and is not taken for erased when locked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from drdwrap.record import store
from drdwrap.sync import determine

from .lab.encryption import Key, NoEncryption
from .lab.files import populate, put
from .lab.images import MIB
from .lab.moments import Prepare, before
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose

SECRET = b"nobody else's business\n"
FORMAT = ("mkfs.ext4", "-q", "-F", "-b", "4096", "-I", "256", "-O", "encrypt")


@pytest.fixture
def able(pair: Pair, mounts: Mounts) -> Pair:
    """A small booted system whose file system can encrypt; the clone's cannot."""
    pair.booted = mounts.formatted("able", 64 * MIB, *FORMAT)
    pair.configure(booted={"root": str(pair.booted)})
    populate(pair.booted)
    return pair


@pytest.fixture
def key(able: Pair) -> Key:
    try:
        return Key(able.booted)
    except NoEncryption as reason:
        pytest.skip(f"this kernel encrypts no directories: {reason}")


@pytest.fixture
def home(able: Pair, key: Key) -> Path:
    """An encrypted directory that is unlocked, with a file in a directory in it."""
    home = able.booted / "home/u"
    home.mkdir(parents=True, mode=0o700)
    key.encrypt(home)
    put(able.booted, "home/u/letters/one", SECRET)
    (home / "link").symlink_to("letters/one")
    return home


def found(pair: Pair) -> list[str]:
    """What the clone has in the home directory."""
    return sorted(
        os.path.relpath(os.path.join(folder, name), pair.clone / "home/u")
        for folder, names, files in os.walk(pair.clone / "home/u")
        for name in names + files
    )


ALL = ["letters", "letters/one", "link"]


def test_a_fill_leaves_it_an_empty_directory(able: Pair, home: Path) -> None:
    done = able.run("clone", ok=2)
    assert b"/home/u on the booted system is encrypted: what is below it would be readable" in (
        done.stderr
    )
    assert found(able) == []
    assert (able.clone / "home/u").stat().st_mode & 0o7777 == 0o700
    below = [f"home/u/{name}" for name in ALL]
    assert able.differences(*below) == []
    counts = able.sync(ok=2)
    assert counts["copied"] == counts["deleted"] == 0


def test_so_does_a_sync(able: Pair, key: Key) -> None:
    able.clone_fill()
    home = able.booted / "home/u"
    home.mkdir(parents=True, mode=0o700)
    key.encrypt(home)
    put(able.booted, "home/u/letters/one", SECRET)
    put(able.booted, "etc/motd", b"booted\n")
    for command in ("preview", "sync", "sync"):
        done = able.run(command, ok=2)
        assert b"/home/u on the booted system is encrypted: what is below it would be" in (
            done.stdout + done.stderr
        )
    assert found(able) == []
    assert (able.clone / "home/u").is_dir()
    assert (able.clone / "etc/motd").read_bytes() == b"booted\n"


def test_the_administrator_may_allow_it_once_and_for_all(able: Pair, home: Path, key: Key) -> None:
    able.run("clone", "--unencrypted")
    assert found(able) == ALL
    assert (able.clone / "home/u/letters/one").read_bytes() == SECRET
    put(able.booted, "home/u/letters/two", SECRET)
    assert able.sync()["copied"] == 1
    assert able.differences() == []
    assert able.sync()["copied"] == 0


def test_a_sync_may_allow_it_as_well(able: Pair, home: Path) -> None:
    able.run("clone", ok=2)
    assert able.preview("--unencrypted")["files_to_be_copied"] == 3
    able.sync(ok=2)
    assert found(able) == []
    able.sync("--unencrypted")
    put(able.booted, "home/u/letters/two", SECRET)
    able.sync()
    assert able.differences() == []


def test_a_fill_without_that_ends_it(able: Pair, home: Path) -> None:
    """What the clone has had until then goes."""
    able.run("clone", "--unencrypted")
    able.run("clone", "--overwrite", ok=2)
    assert found(able) == []
    assert able.sync(ok=2)["copied"] == 0
    assert found(able) == []


def test_what_is_locked_has_not_been_erased(able: Pair, home: Path, key: Key) -> None:
    able.run("clone", "--unencrypted")
    key.remove()
    assert sorted(os.listdir(home)) != ["letters", "link"]
    put(able.booted, "etc/motd", b"booted\n")
    for _ in range(2):
        done = able.run("sync", ok=2)
        assert b"/home/u on the booted system is encrypted and locked" in done.stderr
        assert found(able) == ALL
    assert able.report("erased") == []
    assert (able.clone / "etc/motd").read_bytes() == b"booted\n"
    key.add()
    put(able.booted, "home/u/letters/two", SECRET)
    assert able.sync()["copied"] == 1
    assert able.differences() == []


def test_what_an_older_version_has_copied_stays_as_it_is(able: Pair, home: Path, key: Key) -> None:
    """Its record does not say that anybody has allowed it."""
    able.run("clone", "--unencrypted")
    path = os.fsencode(able.state / "record")
    record = store.read(path)
    assert record is not None
    header = replace(record.header, unencrypted=False)
    store.write(path, header, [record.booted[:]], [record.clone[:]])
    put(able.booted, "home/u/letters/one", b"changed\n")
    (home / "link").unlink()
    for locked in (False, True):
        if locked:
            key.remove()
        able.sync(ok=2)
        assert able.report("erased") == able.report("to_be_copied") == []
        assert found(able) == ALL
        assert (able.clone / "home/u/letters/one").read_bytes() == SECRET


def test_a_fill_of_a_locked_one_makes_no_encoded_names(able: Pair, home: Path, key: Key) -> None:
    key.remove()
    done = able.run("clone", "--unencrypted", ok=2)
    assert b"/home/u on the booted system is encrypted and locked" in done.stderr
    assert found(able) == []
    key.add()
    able.sync()
    assert able.differences() == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_one_whose_key_goes_or_comes_during_the_scan_is_left_alone(
    able: Pair, home: Path, key: Key, when: str
) -> None:
    able.run("clone", "--unencrypted")
    change, undo = (key.remove, key.add) if when == "after" else (key.add, key.remove)
    undo()
    done = able.start("sync", prepare=between_the_scans(change)).wait()
    assert done.returncode == 2, done.stderr
    assert b"/home/u on the booted system is encrypted and locked" in done.stderr
    assert found(able) == ALL
    assert able.report("erased") == []


def between_the_scans(do: object) -> Prepare:
    """Right before the scan that counts."""
    assert callable(do)
    return before(determine, "scan", do)


def test_one_that_is_encrypted_while_the_clone_is_filled_is_taken_back(
    able: Pair, key: Key
) -> None:
    """As the copy begins, another directory with the same files takes its place."""
    put(able.booted, "home/u/letters/one", SECRET)
    new = able.booted / "home/new"
    new.mkdir()
    key.encrypt(new)
    put(able.booted, "home/new/letters/one", SECRET)
    able.configure(exclude_list=["/home/new", "/home/old"])
    moves = f"mv {able.booted}/home/u {able.booted}/home/old; mv {new} {able.booted}/home/u"
    interpose(able, before=moves)
    done = able.run("clone", ok=2)
    assert b"/home/u on the booted system is encrypted" in done.stderr
    assert found(able) == []
    assert able.sync(ok=2)["copied"] == 0


@pytest.mark.parametrize("command", ["clone", "sync"])
def test_a_file_that_was_moved_out_is_still_encrypted(
    able: Pair, home: Path, key: Key, command: str
) -> None:
    if command == "sync":
        able.run("clone", ok=2)
    (home / "letters/one").rename(able.booted / "srv/one")
    (home / "link").rename(able.booted / "srv/link")
    os.link(able.booted / "srv/one", able.booted / "srv/two")
    for _ in range(2):
        done = able.run(command, *(["--overwrite"] if command == "clone" else []), ok=2)
        for name in (b"one", b"two", b"link"):
            assert b"/srv/%s on the booted system is encrypted: it would be" % name in done.stderr
            assert not os.path.lexists(able.clone / "srv" / os.fsdecode(name))
    able.sync("--unencrypted", ok=2)  # nobody can tell whether a link is locked
    assert (able.clone / "srv/one").read_bytes() == SECRET
    assert (able.clone / "srv/one").samefile(able.clone / "srv/two")
    assert not os.path.lexists(able.clone / "srv/link")
    key.remove()
    done = able.run("sync", ok=2)
    assert (able.clone / "srv/one").read_bytes() == SECRET


def test_an_excluded_one_is_nobodys_business(able: Pair, home: Path) -> None:
    able.configure(exclude_list=["/home/u"])
    able.clone_fill()
    able.sync()
    assert not (able.clone / "home/u").exists()


def test_what_is_encrypted_on_the_clone_is_left_alone(pair: Pair, mounts: Mounts) -> None:
    """Locked it would look as if somebody had erased all there and wanted it anew."""
    pair.clone = mounts.formatted("able", 64 * MIB, *FORMAT)
    pair.configure(clone={"root": str(pair.clone)})
    populate(pair.booted)
    put(pair.booted, "home/u/letters/one", SECRET)
    pair.clone_fill()
    try:
        key = Key(pair.clone)
    except NoEncryption as reason:
        pytest.skip(f"this kernel encrypts no directories: {reason}")
    (pair.clone / "home/u").rename(pair.clone / "home/plain")
    (pair.clone / "home/u").mkdir(mode=0o755)
    key.encrypt(pair.clone / "home/u")
    put(pair.clone, "home/u/letters/one", SECRET)
    put(pair.booted, "etc/motd", b"booted\n")
    put(pair.booted, "home/u/letters/two", b"new\n")
    for locked in (False, True):
        if locked:
            key.remove()
        names = found(pair)
        done = pair.run("sync", ok=2)
        assert b"/home/u on the clone is encrypted: nothing below it is compared" in done.stderr
        assert found(pair) == names
    assert (pair.clone / "etc/motd").read_bytes() == b"booted\n"
    assert not {b"/home/u/letters/one", b"/home/u/letters/two"} & {
        path for paths in pair.reports().values() for path in paths
    }
