"""The intent: read back as written, refused when damaged, and what of a cut-off run it explains."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from drdwrap.errors import RecordError
from drdwrap.inventory.entry import Entry
from drdwrap.linux import durable
from drdwrap.record import intent
from drdwrap.record.intent import Attributes, Intent, Put, is_work_of
from drdwrap.record.store import Header

HEADER = Header("id", 3, "uuid:a/2", "uuid:b/2", 1_700_000_000, ("swapfile",))
LINES = [b"etc//d 755 0 0 0 1.0 2.0 3 2", b"etc/\xff\n//f 644 0 0 7 1.5 2.5 4 1"]


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "intent")


ONE, TWO = frozenset((b"0123", b"4567")), frozenset((b"0123", b"89ab"))


def test_attributes_on_the_way_from_one_to_the_other_fit() -> None:
    way = Attributes.between(ONE, TWO)
    assert all(way.fit(found) for found in (ONE, TWO, ONE & TWO, ONE | TWO))
    assert not any(way.fit(found) for found in (frozenset(), ONE - TWO, ONE | {b"cdef"}))


def test_what_is_added_to_an_intent_is_read_with_it_and_goes_with_it(path: bytes) -> None:
    first, second = (Put(Entry.parse(line)) for line in LINES[:2])
    meant = Intent.of(HEADER, "sync", [first], {b"etc": Attributes(ONE)})
    intent.write(path, meant)
    intent.add(path, meant, [second])
    assert intent.read(path) == replace(meant, puts=(first, second))
    intent.write(path, meant)
    assert intent.read(path) == meant
    intent.add(path, meant, [second])
    intent.remove(path)
    assert intent.read(path) is None
    assert os.listdir(os.path.dirname(path)) == []


def test_an_intent_is_read_as_it_was_written(path: bytes) -> None:
    puts = (Put(Entry.parse(LINES[1])), Put(Entry.parse(LINES[0]), b"\xff"))
    meant = Intent.of(
        HEADER, "sync", puts, {b"": Attributes(frozenset()), b"etc": Attributes.between(ONE, TWO)}
    )
    intent.write(path, meant)
    assert intent.read(path) == meant
    durable.remove(path)
    durable.remove(path)
    assert intent.read(path) is None


def test_the_record_id_is_named_pair_in_the_file(path: bytes) -> None:
    """As in the intents that earlier versions have written."""
    intent.write(path, Intent.of(HEADER, "sync", [Put(Entry.parse(LINES[0]))]))
    first, _, content = Path(os.fsdecode(path)).read_bytes().partition(b"\n")
    assert first.startswith(b"drdwrap intent 2 ")
    assert json.loads(content.split(b"\0")[0]) == {
        "pair": "id",
        "generation": 3,
        "booted_id": "uuid:a/2",
        "clone_id": "uuid:b/2",
        "kind": "sync",
        "puts": 1,
        "touched": None,
    }


@pytest.mark.parametrize("cut", [0, 5, 30, -1])
def test_a_torn_intent_is_refused(path: bytes, cut: int) -> None:
    intent.write(path, Intent.of(HEADER, "sync", [Put(Entry.parse(LINES[0]))]))
    file = Path(os.fsdecode(path))
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(RecordError, match="damaged"):
        intent.read(path)


MODES = [
    # then, meant, now, and whether a run may have left it so
    (b"644", b"600", b"644", True),
    (b"644", b"600", b"600", True),
    (b"644", b"660", b"600", True),  # the group's rights come last, with an ACL
    (b"644", b"600", b"744", False),
    (b"644", b"644", b"600", False),
    (b"4755", b"755", b"755", True),
    (b"4755", b"700", b"755", True),
]


@pytest.mark.parametrize(("then", "meant", "now", "ours"), MODES)
def test_the_modes_that_a_file_has_on_its_way(
    then: bytes, meant: bytes, now: bytes, ours: bool
) -> None:
    entry = Entry.parse(b"f//f 644 0 0 7 1.5 2.5 4 1")
    put = Put(entry._replace(mode=meant))
    assert is_work_of(put, entry._replace(mode=now), entry._replace(mode=then), b"/") is ours


def test_a_set_id_bit_taken_away_before_new_contents_come() -> None:
    then = Entry.parse(b"f//f 4755 0 0 7 1.5 2.5 4 2")
    put = Put(then._replace(mode=b"755", mtime=b"9.5", size=8))
    assert is_work_of(put, then._replace(mode=b"755"), then, b"/")
    assert not is_work_of(put, then._replace(mode=b"700"), then, b"/")
