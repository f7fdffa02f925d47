"""The signs that tell what has become of a path, and what has plainly arrived, on real files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.entries import changed, directory, file, seen, symlink, trees

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import Entry
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.arrival import is_right, is_still, plainly_arrived, was_moved

FILE, DIRECTORY, LINKED = file(b"a"), directory(b"a"), file(b"a", links=2)


@pytest.mark.parametrize(
    ("now", "made", "still"),
    [
        (FILE, FILE, True),
        (FILE, None, False),
        (FILE._replace(ctime=b"900.0"), FILE, False),
        (FILE._replace(size=9), FILE, False),
        (DIRECTORY._replace(mtime=b"900.0", ctime=b"900.0", links=3), DIRECTORY, True),
        (DIRECTORY._replace(mode=b"700"), DIRECTORY, False),
        (DIRECTORY._replace(inode=b"6"), DIRECTORY, False),
        (LINKED._replace(ctime=b"900.0", links=1), LINKED, True),
        (LINKED._replace(mtime=b"900.0"), LINKED, False),
        (LINKED._replace(inode=b"6"), LINKED, False),
        (LINKED, FILE, False),
    ],
)
def test_what_is_still_as_rsync_left_it(now: Entry, made: Entry | None, still: bool) -> None:
    assert is_still(now, made) is still


def test_what_is_right_looks_like_the_booted_one() -> None:
    candidate = changed(FILE)
    assert candidate.booted is not None
    put = candidate.booted._replace(inode=b"8", ctime=b"900.0")
    assert is_right(put, candidate, cut_off=False)
    assert is_right(put, candidate, cut_off=True)
    assert not is_right(put._replace(mode=b"600"), candidate, cut_off=False)


def test_what_looked_right_before_is_right_after_a_run_that_went_to_its_end() -> None:
    put = FILE._replace(inode=b"8")
    candidate = Candidate(b"a", FILE, FILE, put, put, "contents")
    assert is_right(put, candidate, cut_off=False)
    assert not is_right(put, candidate, cut_off=True)
    assert is_right(put._replace(ctime=b"900.0"), candidate, cut_off=True)


@pytest.mark.parametrize(
    ("now", "before", "moved"),
    [
        (FILE, FILE, False),
        (FILE._replace(ctime=b"900.0"), FILE, True),
        (FILE._replace(ctime=b"900.0", mtime=b"900.0"), FILE, True),
        (DIRECTORY._replace(ctime=b"900.0"), DIRECTORY, True),
        (DIRECTORY._replace(ctime=b"900.0", mtime=b"900.0"), DIRECTORY, False),
        (symlink(b"a")._replace(ctime=b"900.0"), symlink(b"a"), True),
    ],
)
def test_what_may_have_been_elsewhere_meanwhile(now: Entry, before: Entry, moved: bool) -> None:
    assert was_moved(now, before) is moved


class Copied:
    """A file that rsync has just copied."""

    def __init__(self, place: Path) -> None:
        self.trees = trees(place)
        self.booted, self.clone = place / "booted/a", place / "clone/a"
        for path in (self.booted, self.clone):
            path.write_text("same")
            os.utime(path, (100, 100))
        here = seen(self.trees.booted.root, b"a")
        self.candidate = Candidate(b"a", here, None, None, None)
        self.made = seen(self.trees.clone.root, b"a")

    def arrived(self, transcript: Transcript | None = None) -> Entry | None:
        said = transcript or Transcript()
        return plainly_arrived(self.candidate, self.trees, said, self.made)


@pytest.fixture
def copied(tmp_path: Path) -> Copied:
    return Copied(tmp_path)


def test_a_copy_that_is_like_the_booted_file_has_plainly_arrived(copied: Copied) -> None:
    assert copied.arrived() == copied.made


def test_it_is_told_as_rsync_left_it(copied: Copied) -> None:
    copied.clone.chmod(0o600)
    copied.clone.chmod(int(copied.made.mode, 8))
    assert copied.made != seen(copied.trees.clone.root, b"a")
    assert copied.arrived() == copied.made


def test_a_message_about_it_calls_for_a_closer_look(copied: Copied) -> None:
    said = Transcript()
    said.note(b'rsync: x "%s/a" failed: y\n' % copied.trees.clone.root, copied.trees, {b"a"})
    assert copied.arrived(said) is None
    said = Transcript()
    said.note(b'rsync: x "%s/b" failed: y\n' % copied.trees.clone.root, copied.trees, {b"b"})
    assert copied.arrived(said) == copied.made


def test_so_does_what_is_not_like_it(copied: Copied) -> None:
    copied.clone.write_text("other")
    assert copied.arrived() is None
    copied.clone.unlink()
    assert copied.arrived() is None


def test_so_does_a_booted_file_that_is_not_as_it_was_planned(copied: Copied) -> None:
    copied.booted.write_text("again")
    assert copied.arrived() is None
    copied.booted.unlink()
    assert copied.arrived() is None


def test_so_do_other_attributes(copied: Copied) -> None:
    os.setxattr(copied.clone, "user.note", b"1")
    assert copied.arrived() is None
    os.setxattr(copied.booted, "user.note", b"1")
    assert copied.arrived() == copied.made


def test_so_does_what_was_alike_before_a_run_that_was_cut_off(copied: Copied) -> None:
    copied.candidate = Candidate(b"a", copied.candidate.booted, None, copied.made, None, "contents")
    assert copied.arrived() == copied.made
    assert copied.arrived(Transcript(cut_off="a full disk")) is None
