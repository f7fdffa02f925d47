"""Names of any bytes go through the list, the rules, the reports and the screen unharmed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from .lab.files import at, populate, put
from .lab.pair import Pair
from .lab.terminal import on_a_terminal

ODD = [
    b"new\nline",
    b"\n",
    b"#hash",
    b";semicolon",
    b" leading",
    b"trailing ",
    b"\ttab",
    b"carriage\rreturn",
    b"-rf",
    b"--delete",
    b"- *",
    b"+ x",
    b"...",
    b"*",
    b"?",
    b"[a-z]",
    b"**",
    b"back\\slash",
    b"\\",
    b"\\012",
    b"\\#012",
    b"{{ name }}",
    b"{% raw %}",
    b"{# note #}",
    b"$(reboot)",
    b"`id`",
    b"'",
    b'"',
    b"\xff\xfe",
    b"\xc3\x28",
    b"\x80\x9b31m",
    b"\x1b]0;title\x07",
    b"\x1b[31mred",
    b"\x01",
    b"\x7f",
    "ünïcödé \N{SNOWMAN}".encode(),
    "\u202egnp.exe".encode(),
    "e\u0301".encode(),
    b"~",
    b"a:b",
    b"host::module",
    b".hidden",
    b".tmp.AbCdEf",
    b"%n%L",
    b"!",
    b"!include",
    b"x" * 255,
    b"\xff" * 255,
    bytes(byte for byte in range(1, 256) if byte != ord("/")),
]


def test_files_with_odd_names_are_copied_changed_and_removed(filled: Pair, rsync: str) -> None:
    for name in ODD:
        put(filled.booted, b"srv/odd/" + name, b"first\n")
        put(filled.booted, b"srv/below/" + name + b"/inside", b"first\n")
        at(filled.booted, b"srv/links").mkdir(exist_ok=True)
        os.symlink(name, os.fsencode(filled.booted) + b"/srv/links/" + name)
    filled.sync()
    assert filled.differences() == []
    assert set(filled.report("to_be_copied")) >= {b"/srv/odd/" + name for name in ODD}
    for name in ODD:
        put(filled.booted, b"srv/odd/" + name, b"second\n")
    assert filled.sync()["copied"] == len(ODD)
    assert filled.differences() == []
    shutil.rmtree(filled.booted / "srv/below")
    assert filled.sync()["deleted"] == 2 * len(ODD) + 1
    assert filled.differences() == []


def test_odd_names_at_the_root_are_copied(pair: Pair, rsync: str) -> None:
    put(pair.booted, "etc/motd")
    put(pair.clone, "etc/own")  # or there would be nothing on the clone, which is refused
    for name in ODD:
        put(pair.booted, name, b"first\n")
    pair.sync()
    assert pair.differences("etc/own") == []


def test_odd_names_are_filled(pair: Pair, rsync: str) -> None:
    for name in ODD:
        put(pair.booted, b"srv/odd/" + name + b"/" + name, b"first\n")
        put(pair.booted, name, b"at the root\n")
    pair.clone_fill()
    assert pair.differences(directory_times=True) == []
    assert pair.sync()["copied"] == 0


def test_changes_on_the_clone_below_odd_names_are_kept(filled: Pair) -> None:
    for name in ODD:
        put(filled.booted, b"srv/odd/" + name, b"first\n")
    filled.sync()
    for name in ODD:
        put(filled.booted, b"srv/odd/" + name, b"booted\n")
        put(filled.clone, b"srv/odd/" + name, b"clone\n")
    filled.sync()
    assert filled.report("target_changed") == sorted(b"/srv/odd/" + name for name in ODD)
    assert all(at(filled.clone, b"srv/odd/" + name).read_bytes() == b"clone\n" for name in ODD)


def test_odd_names_can_be_excluded_as_paths_and_patterns(filled: Pair) -> None:
    put(filled.booted, b"srv/{{ x }}/inside")
    put(filled.booted, b"srv/#one")
    put(filled.booted, b"srv/two #two")
    put(filled.booted, b"srv/[a-z]")
    put(filled.booted, b"srv/a")
    filled.configure(exclude_list=["/srv/{{ x }}", "#one", "* #two", "/srv/[[]a-z]"])
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/a"]
    assert sorted(os.listdir(filled.clone / "srv")) == ["a", "data", "same-as-00"]


def test_an_odd_name_in_a_location_is_not_copied(filled: Pair) -> None:
    put(filled.booted, b"boot/new\nline/#x")
    filled.sync()
    assert b"/boot/new\nline/#x" in filled.report("location")
    assert not at(filled.clone, b"boot/new\nline").exists()


def test_odd_names_are_named_in_commands(filled: Pair) -> None:
    name = b"/srv/#odd\n\xff{{ x }}"
    put(filled.booted, name[1:], b"booted\n")
    put(filled.clone, name[1:], b"clone\n")
    filled.sync()
    filled.run("explain", os.fsdecode(name))
    filled.run("accept", os.fsdecode(name))
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def deep_path(length: int) -> bytes:
    """A path of exactly so many bytes, of names of 200."""
    parts = [b"d" * 200] * (length // 201)
    rest = length - 201 * len(parts)
    return b"/".join([*parts, b"f" * rest]) if rest else b"/".join(parts)[: length - 2] + b"/f"


def longest_path(pair: Pair) -> int:
    """How long a path below the roots may be for a program that names it from the real root."""
    longest = max(len(os.fsencode(root)) for root in (pair.booted, pair.clone))
    return 4096 - len(b"/\0") - longest


def test_paths_near_the_longest_possible_are_copied(filled: Pair, rsync: str) -> None:
    """With some room for a longer prefix, such as a mount point of drdwrap's own."""
    path = deep_path(longest_path(filled) - 100)
    make_deep(filled.booted, path, b"deep\n")
    filled.sync()
    assert filled.differences() == []
    make_deep(filled.booted, path, b"deeper\n")
    filled.sync()
    assert filled.differences() == []


def test_a_path_of_the_longest_possible_is_copied_or_named(filled: Pair, rsync: str) -> None:
    path = deep_path(longest_path(filled))
    make_deep(filled.booted, path, b"deep\n")
    copied_or_named(filled)


ENDLESS = {"long names": ["d" * 200] * 25, "many levels": ["d"] * 3000}


@pytest.fixture(params=ENDLESS)
def endless(pair: Pair, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """A tree in which a user has made paths that no program can name."""
    populate(pair.booted)
    make_endless(pair.booted / "home/ann", ENDLESS[request.param])
    yield pair
    for root in (pair.booted, pair.clone):  # while it can still be walked
        subprocess.run(["rm", "-rf", root / "home/ann/endless"], check=False)


def test_paths_that_no_program_can_name_are_left_out_and_named(endless: Pair, rsync: str) -> None:
    """Any user can make them, and must not thereby keep root's sync from running."""
    done = endless.run("clone", ok=2, timeout=120)
    assert b"home/ann/endless/d" in done.stdout + done.stderr
    put(endless.booted, "etc/motd", b"booted\n")
    for copied in (1, 0):
        told = endless.run("--json", "sync", ok=2, timeout=120)
        answer = json.loads(told.stdout)
        assert answer["counts"]["copied"] == copied
        assert answer["counts"]["deleted"] == 0
        assert answer["warnings"]  # one a side: rsync goes a little further in a fill
        for warning in answer["warnings"]:
            assert "/home/ann/endless/d" in warning
            assert "which are too long to be copied" in warning
    assert (endless.clone / "etc/motd").read_bytes() == b"booted\n"
    subprocess.run(["rm", "-rf", endless.booted / "home/ann/endless"], check=True)
    endless.run("sync", "-x", "max_deletions=5000", timeout=120)
    assert endless.differences() == []


def copied_or_named(pair: Pair) -> None:
    put(pair.booted, "etc/motd", b"booted\n")
    done = pair.start("sync").wait()
    assert (pair.clone / "etc/motd").read_bytes() == b"booted\n", done.stderr
    if done.returncode == 0:
        assert subprocess.run(["diff", "-r", pair.booted, pair.clone], check=False).returncode == 0
    else:
        assert done.returncode == 2
        assert b"d" * 60 in done.stdout + done.stderr


def make_endless(root: Path, names: Iterable[str]) -> None:
    """A chain of directories longer than PATH_MAX, made from within."""
    here = os.open(root, os.O_RDONLY)
    for name in ["endless", *names]:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def make_deep(root: Path, path: bytes, content: bytes) -> None:
    full = os.path.join(os.fsencode(root), path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as file:
        file.write(content)


EVIL = [b"\x1b]0;evil\x07", b"\x1b[2Jcleared", b"one\rtwo\x08", b"\xff\x9b31m", b"\xc2\x9b31m"]
RAW = [b"\x1b]0;evil", b"\x1b[2Jcleared", b"one\rtwo", b"\x08", b"\x07", b"\xff", b"\x9b"]


def test_no_control_character_of_a_name_reaches_a_terminal_or_the_log(filled: Pair) -> None:
    for name in EVIL:
        put(filled.booted, b"srv/copied/" + name, b"x" * 5000)
        put(filled.booted, b"srv/changed/" + name, b"booted\n")
        put(filled.clone, b"srv/changed/" + name, b"clone\n")
        put(filled.booted, b"boot/" + name)
    for command in (
        ["-v", "-v", "preview"],
        ["--json", "preview"],
        ["-v", "-v", "sync"],
        ["report", "files_to_be_copied_by_drd_sync"],
        ["report", "filtered_out_by_target_changed_filter_sync_phase"],
        ["explain", os.fsdecode(b"/srv/changed/" + EVIL[0])],
        ["accept", os.fsdecode(b"/srv/changed/" + EVIL[0])],
        ["sync"],
        ["status"],
    ):
        told = on_a_terminal(filled, *command)
        assert told or command[0] in ("sync", "accept")
        assert [raw for raw in RAW if raw in told] == [], command
    logged = filled.log.read_bytes()
    assert [raw for raw in RAW if raw in logged] == []


def test_no_reason_has_the_control_characters_of_a_name(filled: Pair) -> None:
    evil = EVIL[0]
    put(filled.booted, b"srv/" + evil + b"/file")
    put(filled.booted, b"srv/db/" + evil)
    put(filled.booted, b"srv/db/" + evil + b"-wal")
    filled.sync()
    shutil.rmtree(at(filled.clone, b"srv/" + evil))
    put(filled.clone, b"srv/" + evil, b"a file of the clone's\n")
    put(filled.clone, b"srv/db/" + evil, b"the clone's\n")
    for name in (b"srv/" + evil + b"/file", b"srv/db/" + evil + b"-wal"):
        put(filled.booted, name, b"changed\n")
        told = on_a_terminal(filled, "explain", os.fsdecode(b"/" + name))
        assert told.count(b"\\033]0;evil\\007") == 2
        assert [raw for raw in RAW if raw in told] == []


def test_what_rsync_would_do_has_names_as_they_are(filled: Pair) -> None:
    put(filled.booted, "srv/schön #1")
    assert "|srv/schön #1" in filled.run("preview").stdout.decode()


def test_a_name_that_the_outputs_encoding_has_not_is_no_error(filled: Pair) -> None:
    put(filled.booted, "srv/snow☃")
    filled.preview()
    done = filled.run("report", "files_to_be_copied", env={"PYTHONIOENCODING": "ascii"}, fresh=True)
    assert done.stdout == b"/srv/snow\\u2603\n"


def test_a_failing_file_of_an_odd_name_is_named_without_control_characters(filled: Pair) -> None:
    """rsync's own messages carry names too."""
    name = b"srv/\x1b]0;evil\x07"
    put(filled.booted, name, b"first\n")
    filled.sync()
    stuck = at(filled.clone, name)
    if subprocess.run(["chattr", "+i", stuck], capture_output=True, check=False).returncode:
        pytest.skip("chattr +i does not work here")
    filled.sync()
    put(filled.booted, name, b"second\n")
    told = on_a_terminal(filled, "sync", ok=2)
    assert b"evil" in told
    assert [raw for raw in RAW if raw in told + filled.log.read_bytes()] == []
