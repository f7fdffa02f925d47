"""The intent: read back as written, refused when damaged, torn where a run was cut off."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from drdwrap.changes.cut_off import is_work_of
from drdwrap.errors import RecordError
from drdwrap.inventory.entry import Entry
from drdwrap.linux import durable
from drdwrap.record import intent
from drdwrap.record.intent import Attributes, Intent, Move, Put
from drdwrap.record.store import Header

HEADER = Header("id", 3, "uuid:a/2", "uuid:b/2", 1_700_000_000, (b"swapfile",))
DIRECTORY = Entry.parse(b"etc//d 755 0 0 0 1.0 2.0 3 2")
ODD = Entry.parse(b"etc/\xff\n//f 644 0 0 7 1.5 2.5 4 1")
ONE, TWO = frozenset((b"0123", b"4567")), frozenset((b"0123", b"89ab"))
FIRST, SECOND, THIRD = (
    Move(ODD, ONE, DIRECTORY),
    Move(DIRECTORY, frozenset(), None),
    Move(ODD._replace(inode=b"5"), TWO, None),
)


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "intent")


def meant(*moves: Move, puts: Iterable[Put] = (), generation: int = 3) -> Intent:
    header = replace(HEADER, generation=generation)
    return Intent.of(header, "sync", puts, {b"etc": Attributes(ONE)}, moves)


def test_attributes_on_the_way_from_one_to_the_other_fit() -> None:
    way = Attributes.between(ONE, TWO)
    assert all(way.fit(found) for found in (ONE, TWO, ONE & TWO, ONE | TWO))
    assert not any(way.fit(found) for found in (frozenset(), ONE - TWO, ONE | {b"cdef"}))


def test_an_intent_is_done_if_the_record_is_the_one_that_its_run_was_to_write() -> None:
    assert meant().is_done(HEADER)
    assert not meant().is_done(None)
    assert not meant().is_done(replace(HEADER, generation=2))
    assert not meant().is_done(replace(HEADER, record_id="other"))


def test_what_is_added_to_an_intent_is_read_with_it_and_goes_with_it(path: bytes) -> None:
    declared = meant(FIRST)
    intent.write(path, declared)
    intent.add(path, declared, [SECOND])
    intent.add(path, declared, [THIRD, FIRST])
    assert intent.read(path) == replace(declared, moves=(FIRST, SECOND, THIRD, FIRST))
    intent.write(path, declared)
    assert intent.read(path) == declared
    intent.add(path, declared, [SECOND])
    intent.remove(path)
    assert intent.read(path) is None
    assert os.listdir(os.path.dirname(path)) == []


def test_the_moves_of_the_run_itself_are_those_that_it_added(path: bytes) -> None:
    """A run that goes on after one that was cut off begins with the moves of that."""
    declared = meant(FIRST)
    intent.write(path, declared)
    intent.add(path, declared, [SECOND, THIRD])
    found = intent.read(path)
    assert found is not None
    assert found.own_moves == (SECOND, THIRD)
    intent.write(path, replace(declared, moves=found.moves))
    again = intent.read(path)
    assert again is not None
    assert (again.moves, again.own_moves) == ((FIRST, SECOND, THIRD), ())


def test_an_intent_is_read_as_it_was_written(path: bytes) -> None:
    declared = Intent.of(
        HEADER,
        "sync",
        (Put(ODD), Put(DIRECTORY)),
        {b"": Attributes(frozenset()), b"etc": Attributes.between(ONE, TWO)},
        (FIRST, SECOND),
    )
    intent.write(path, declared)
    assert intent.read(path) == declared
    durable.remove(path)
    durable.remove(path)
    assert intent.read(path) is None


def test_what_is_added_repeats_nothing(path: bytes) -> None:
    """It is written often."""
    declared = meant(FIRST, puts=[Put(DIRECTORY)])
    intent.write(path, declared)
    intent.add(path, declared, [SECOND])
    intent.write(path + b"-alone", replace(declared, puts=(), touched={}, moves=(SECOND,)))
    assert contents(path + intent.MORE) == contents(path + b"-alone")


def test_the_record_id_is_named_pair_in_the_file(path: bytes) -> None:
    """As in the intents that earlier versions have written."""
    intent.write(path, meant(FIRST, SECOND, puts=[Put(DIRECTORY)]))
    first, _, content = contents(path).partition(b"\n")
    assert first == b"drdwrap intent 3 %d %d" % (len(content), zlib.crc32(content))
    assert json.loads(content.split(b"\0")[0]) == {
        "pair": "id",
        "generation": 3,
        "booted_id": "uuid:a/2",
        "clone_id": "uuid:b/2",
        "kind": "sync",
        "puts": 1,
        "touched": 1,
        "moves": 2,
    }


def contents(path: bytes) -> bytes:
    return Path(os.fsdecode(path)).read_bytes()


def put(path: bytes, content: bytes) -> None:
    Path(os.fsdecode(path)).write_bytes(content)


@pytest.mark.parametrize("cut", [0, 5, 30, -1])
def test_a_torn_intent_is_refused(path: bytes, cut: int) -> None:
    intent.write(path, meant(puts=[Put(DIRECTORY)]))
    put(path, contents(path)[:cut])
    with pytest.raises(RecordError, match="damaged"):
        intent.read(path)


def test_an_intent_with_something_after_it_is_refused(path: bytes) -> None:
    intent.write(path, meant())
    put(path, contents(path) * 2)
    with pytest.raises(RecordError, match="damaged"):
        intent.read(path)


def block(head: bytes, *fields: bytes, version: bytes = b"3") -> bytes:
    content = b"".join(part + b"\0" for part in (head, *fields))
    return b"drdwrap intent %s %d %d\n%s" % (version, len(content), zlib.crc32(content), content)


HEAD = (
    b'{"pair": "id", "generation": 3, "booted_id": "a", "clone_id": "b", "kind": "sync",'
    b' "puts": 1, "touched": 0, "moves": 0}'
)


def test_a_block_made_by_hand_is_read(path: bytes) -> None:
    """So that those of the next test are refused for what they say."""
    put(path, block(HEAD, ODD.line))
    assert intent.read(path) == Intent("id", 3, "a", "b", "sync", (Put(ODD),))


@pytest.mark.parametrize(
    "content",
    [
        block(HEAD, ODD.line, version=b"4"),
        b"drdwrap intent 2 %d\n%s\0%s\0\0" % (zlib.crc32(HEAD), HEAD, ODD.line),
        b"drdwrap intent 3 x y\n",
        b"drdwrap intent 3 -1 0\n",
        block(HEAD),
        block(HEAD, ODD.line, b""),
        block(HEAD, b"no line"),
        block(HEAD.replace(b"pair", b"pear"), ODD.line),
        block(HEAD.replace(b"kind", b"sort"), ODD.line),
        block(HEAD.replace(b'"moves"', b'"more"'), ODD.line),
        block(b"[]", ODD.line),
        block(b"\xff", ODD.line),
        block(b""),
        b"drdwrap intent 3 0 0\n",
    ],
)
def test_an_intent_that_says_nothing_that_is_understood_is_refused(
    path: bytes, content: bytes
) -> None:
    """With the way out. Beside an intent it counts as torn."""
    put(path, content)
    with pytest.raises(RecordError, match=r"the open intent /.*/intent is damaged") as refused:
        intent.read(path)
    assert refused.value.hint.endswith("that run's work counts as the clone's own changes")
    intent.write(path, meant(FIRST))
    put(path + intent.MORE, content)
    found = intent.read(path)
    assert found is not None
    assert found.moves == (FIRST,)


@pytest.mark.parametrize("suffix", [b"", intent.MORE])
def test_an_intent_that_cannot_be_read_is_refused(path: bytes, suffix: bytes) -> None:
    if suffix:
        intent.write(path, meant())
    os.mkdir(path + suffix)
    with pytest.raises(RecordError, match=r"the open intent cannot be read: /.*: Is a directory"):
        intent.read(path)


@pytest.mark.parametrize("other", [{"generation": 4}, {"record_id": "other"}])
def test_what_was_added_to_another_intent_is_left_out(
    path: bytes, other: dict[str, object]
) -> None:
    """Its run was killed before it had removed that."""
    intent.write(path, meant(FIRST))
    intent.add(path, replace(meant(), **other), [SECOND])  # type: ignore[arg-type]
    intent.add(path, meant(), [THIRD])
    assert intent.read(path) == meant(FIRST, THIRD)


def test_a_set_id_bit_is_taken_away_with_no_right_beside_it() -> None:
    then = Entry.parse(b"f//f 4755 0 0 7 1.5 2.5 4 2")
    changed = Put(then._replace(mode=b"755", mtime=b"9.5", size=8))
    assert is_work_of(changed, then._replace(mode=b"755"), then)
    assert not is_work_of(changed, then._replace(mode=b"700"), then)
