"""Whatever names a clone has, and wherever a kill or a bad disk strikes: what the intent says."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drdwrap.errors import RecordError
from drdwrap.inventory.entry import Entry
from drdwrap.record import intent
from drdwrap.record.intent import Attributes, Intent, Move, Put

NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & set(b"/\0"))
PATHS = st.lists(NAMES, max_size=3).map(b"/".join) | st.just(b"a\nb \xff/drdwrap intent 3 1 1\n")
ENTRIES = st.builds(
    lambda path, mode, number, time: Entry(
        path, b"f", mode, b"0", b"0", number, time, time, b"%d" % number, number
    ),
    PATHS,
    st.sampled_from([b"0", b"644", b"4755", b"7777"]),
    st.integers(0, 1 << 63),
    st.sampled_from([b"-2.5000000000", b"1700000000.0123456780"]),
)
DIGESTS = st.frozensets(st.sampled_from([b"0123", b"4567", b"89ab", b"cdef"]))
MOVES = st.builds(Move, ENTRIES, DIGESTS, st.none() | ENTRIES)
SEVERAL_MOVES = st.lists(MOVES, max_size=3)
IDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
INTENTS = st.builds(
    Intent,
    IDS,
    st.integers(1, 1 << 62),
    IDS,
    IDS,
    st.sampled_from(["sync", "fill"]),
    st.lists(st.builds(Put, ENTRIES), max_size=3).map(tuple),
    st.dictionaries(PATHS, st.builds(Attributes, DIGESTS, DIGESTS), max_size=3),
    SEVERAL_MOVES.map(tuple),
)
BATCHES = st.lists(SEVERAL_MOVES, min_size=1, max_size=3)


@pytest.fixture(scope="module")
def place() -> Iterator[bytes]:
    """In memory, if there is that: a disk would be waited for with each example."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="drdwrap-test-", dir=memory) as directory:
        yield os.fsencode(directory) + b"/intent"


def added(place: bytes, declared: Intent, batches: Iterable[Iterable[Move]]) -> list[int]:
    """Write the intent, and add these one after the other: where each of them ends."""
    intent.write(place, declared)
    ends = []
    for batch in batches:
        intent.add(place, declared, batch)
        ends.append(os.path.getsize(place + intent.MORE))
    return ends


def with_the_first(declared: Intent, batches: list[list[Move]], number: int) -> Intent:
    moves = (move for batch in batches[:number] for move in batch)
    return replace(declared, moves=(*declared.moves, *moves))


@given(INTENTS, BATCHES)
def test_any_intent_is_read_as_it_was_written(
    place: bytes, declared: Intent, batches: list[list[Move]]
) -> None:
    added(place, declared, batches)
    assert intent.read(place) == with_the_first(declared, batches, len(batches))


@given(INTENTS, BATCHES, st.data())
def test_of_a_block_that_was_cut_off_nothing_counts_and_of_those_before_it_all(
    place: bytes, declared: Intent, batches: list[list[Move]], data: st.DataObject
) -> None:
    ends = added(place, declared, batches)
    cut = data.draw(st.integers(0, ends[-1]))
    os.truncate(place + intent.MORE, cut)
    whole = sum(end <= cut for end in ends)
    assert intent.read(place) == with_the_first(declared, batches, whole)


def damage(path: bytes, at: int, bits: int) -> None:
    file = Path(os.fsdecode(path))
    content = bytearray(file.read_bytes())
    content[at] ^= bits
    file.write_bytes(content)


@given(INTENTS, BATCHES, st.integers(0, 1 << 20), st.integers(1, 255))
def test_each_block_has_a_checksum(
    place: bytes, declared: Intent, batches: list[list[Move]], at: int, bits: int
) -> None:
    """A damaged byte takes its block with it, and those behind it."""
    ends = added(place, declared, batches)
    damage(place + intent.MORE, at % ends[-1], bits)
    whole = sum(end <= at % ends[-1] for end in ends)
    assert intent.read(place) == with_the_first(declared, batches, whole)
    damage(place, at % os.path.getsize(place), bits)
    with pytest.raises(RecordError, match="damaged"):
        intent.read(place)
