"""Searching among the lines of an inventory takes a time that is linear in their length."""

from __future__ import annotations

import mmap
import time

from drdwrap.changes.difference import difference
from drdwrap.inventory.finder import Finder
from drdwrap.inventory.storage import with_positions


def mapped(lines: list[bytes]) -> mmap.mmap:
    content = b"".join(line + b"\0" for line in lines)
    made = mmap.mmap(-1, len(content))
    made.write(content)
    return made


def test_each_line_of_a_piece_has_its_position() -> None:
    assert list(with_positions(7, b"a\0bcd\0e")) == [(7, b"a"), (9, b"bcd"), (13, b"e")]


def test_long_paths_of_equal_letters_take_no_longer_than_others() -> None:
    """Where each is compared with all before it, or anew at each letter, this takes ten seconds and
    more."""
    fields = b"//f 644 0 0 1 1.0 2.0 3 1"
    deep = b"/".join([b"a"] * 1945)
    names = [b"%04d" % number for number in range(6000)]
    lines = [b"//d 755 0 0 0 1.0 2.0 2 3", deep + b"//d 755 0 0 0 1.0 2.0 2 2"]
    lines += [b"%s/%s%s" % (deep, name, fields) for name in names]
    then = mapped(lines)
    begun = time.process_time()
    finder, there = Finder(then), deep + b"/" + names[-1]
    assert finder.select([there, deep + b"/aaaa"]) == {there: there + fields}
    kept, changed = lines[:10], [line.replace(b"f 644", b"f 600") for line in lines[10:]]
    found = difference(mapped(kept + changed), then)
    assert len(found.now) == len(found.then) == len(found.positions) == len(changed)
    assert time.process_time() - begun < 4
