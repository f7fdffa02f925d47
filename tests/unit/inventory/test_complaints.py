"""What find says about a tree that it could not read whole."""

from __future__ import annotations

import pytest

from drdwrap.errors import ProgramError
from drdwrap.inventory.complaints import Complaints, complaints_of
from drdwrap.linux.process import Finished

LOOP = (
    rb"find: File system loop detected; './srv/a' is part of the same file system loop as './srv'."
)
LOST = (
    b"find: failed to read file names from file system at or below '.': No such file or directory"
)


def said(*lines: bytes, status: int = 1, began: bool = True) -> Complaints:
    text = b"".join(line + b"\n" for line in lines)
    return complaints_of(Finished(status, b"", text), began=began)


def test_a_find_that_succeeded_read_all() -> None:
    assert said(b"find: warning: './a' is odd", status=0) == Complaints()


def test_a_directory_that_cannot_be_read_is_named() -> None:
    assert said(b"find: './srv/x': Input/output error") == Complaints((b"srv/x",))


def test_a_path_may_have_any_bytes() -> None:
    told = rb"find: './it\'s\n\303\244: \\x': Permission denied"
    assert said(told) == Complaints((b"it's\n\xc3\xa4: \\x",))


def test_what_vanished_is_no_complaint() -> None:
    assert said(b"find: './srv/x': No such file or directory") == Complaints()


@pytest.mark.parametrize(
    "line",
    [
        LOOP,
        b"find: WARNING: Hard link count is wrong for './srv/a' (saw only st_nlink=2 but we already"
        b" saw 1 subdirectories): this may be a bug in your file system driver.",
        b"find: './srv/a' is not what it was",
    ],
)
def test_whatever_it_says_about_a_directory_makes_that_unknown(line: bytes) -> None:
    assert said(b"find: './b': Input/output error", line) == Complaints((b"b", b"srv/a"))


@pytest.mark.parametrize("line", [LOST, b"find: something else", b""])
def test_what_names_no_directory_makes_all_unknown(line: bytes) -> None:
    assert said(*filter(None, [b"find: './b': Input/output error", line])).gave_up == bool(line)
    assert said(*filter(None, [line])) == Complaints((), gave_up=True)


@pytest.mark.parametrize(
    ("lines", "status", "began"),
    [
        ([b"find: '.': Input/output error"], 1, True),
        ([b"find: unknown predicate `-x'"], 1, False),
        ([LOST], 1, False),
        ([], -9, True),
        ([LOOP], 127, True),
    ],
)
def test_a_find_that_cannot_begin_or_is_killed_ends_the_run(
    lines: list[bytes], status: int, began: bool
) -> None:
    with pytest.raises(ProgramError, match="find could not"):
        said(*lines, status=status, began=began)
