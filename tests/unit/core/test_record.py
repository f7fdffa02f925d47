"""The record and the intent: read back as written, and refused when anything is wrong with them."""

import itertools
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from drdwrap.errors import RecordError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry
from drdwrap.linux import durable, syscalls
from drdwrap.record import intent, made_here, marker, store
from drdwrap.record.intent import Attributes, Intent, Put, is_work_of
from drdwrap.record.store import Header

HEADER = Header("pair", 3, "uuid:a/2", "uuid:b/2", 1_700_000_000, ("swapfile",))
LINES = [b"etc//d 755 0 0 0 1.0 2.0 3 2", b"etc/\xff\n//f 644 0 0 7 1.5 2.5 4 1"]


def pieces(lines: list[bytes]) -> list[bytes]:
    return [line + b"\0" for line in lines]


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "record")


def test_a_large_file_that_is_on_its_way_before_it_is_whole_arrives_whole(path: bytes) -> None:
    """What is begun early is begun once, whatever the pieces' sizes."""
    chance = random.Random(1)
    parts = [chance.randbytes(chance.choice((1, 4095, 3 << 20))) for _ in range(20)]
    begun: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            syscalls, "begin_to_write", lambda _, start, size: begun.append((start, size))
        )
        durable.write(path, parts)
    assert Path(os.fsdecode(path)).read_bytes() == b"".join(parts)
    assert len(begun) >= 2
    assert all(one[0] + one[1] == two[0] for one, two in itertools.pairwise(begun))
    durable.write(path, parts)
    assert Path(os.fsdecode(path)).read_bytes() == b"".join(parts)


def test_a_record_is_read_as_it_was_written(path: bytes) -> None:
    store.write(path, HEADER, pieces(LINES), pieces(LINES[:1]))
    record = store.read(path)
    assert record is not None
    assert record.header == HEADER
    assert list(storage.lines(record.booted)) == LINES
    assert list(storage.lines(record.clone)) == LINES[:1]
    assert store.read_header(path) == HEADER
    assert os.stat(path).st_mode & 0o077 == 0


def test_an_empty_record(path: bytes) -> None:
    store.write(path, HEADER, [], [])
    record = store.read(path)
    assert record is not None
    assert len(record.booted) == len(record.clone) == 0


def test_no_record(path: bytes) -> None:
    assert store.read(path) is None
    assert store.read_header(path) is None


def test_damage_anywhere_is_noticed(path: bytes) -> None:
    store.write(path, HEADER, pieces(LINES * 50), pieces(LINES * 40))
    with open(path, "rb") as file:
        good = file.read()
    chance = random.Random(1)
    noticed = 0
    for _ in range(300):
        position = chance.randrange(len(good))
        bad = bytearray(good)
        bad[position] ^= 1 << chance.randrange(8)
        Path(os.fsdecode(path)).write_bytes(bad)
        try:
            record = store.read(path)
        except RecordError as error:
            noticed += bool(error.hint)
        else:  # a byte of the padding says nothing
            assert record is not None
            assert record.header == HEADER
            assert record.booted[:] == b"".join(pieces(LINES * 50))
            assert record.clone[:] == b"".join(pieces(LINES * 40))
    assert noticed > 50


def test_a_truncated_record_is_refused(path: bytes) -> None:
    store.write(path, HEADER, pieces(LINES), pieces(LINES))
    with open(path, "rb") as file:
        good = file.read()
    for length in (0, 1, 17, 4096, len(good) // 2, len(good) - 1):
        Path(os.fsdecode(path)).write_bytes(good[:length])
        with pytest.raises(RecordError, match="damaged"):
            store.read(path)


def test_a_link_in_the_records_place_is_refused(path: bytes, tmp_path: Path) -> None:
    other = os.fsencode(tmp_path / "other")
    store.write(other, HEADER, [], [])
    os.symlink(other, path)
    with pytest.raises(RecordError):
        store.read(path)


def test_a_failed_write_leaves_the_old_file_and_no_other(path: bytes) -> None:
    durable.write(path, [b"old"])

    def failing() -> object:
        yield b"new"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        durable.write(path, failing())  # type: ignore[arg-type]
    assert Path(os.fsdecode(path)).read_bytes() == b"old"
    assert os.listdir(os.path.dirname(path)) == [b"record"]


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


@pytest.mark.parametrize("cut", [0, 5, 30, -1])
def test_a_torn_intent_is_refused(path: bytes, cut: int) -> None:
    intent.write(path, Intent.of(HEADER, "sync", [Put(Entry.parse(LINES[0]))]))
    file = Path(os.fsdecode(path))
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(RecordError, match="damaged"):
        intent.read(path)


def test_the_marker_is_an_attribute_of_the_root(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    assert marker.read(root) is None
    marker.write(root, marker.Marker("pair", 5))
    assert marker.read(root) == marker.Marker("pair", 5)
    assert os.listdir(tmp_path) == []
    os.setxattr(root, "user.drdwrap", b"not json")
    assert marker.read(root) not in (None, marker.Marker("pair", 5))


def test_what_clone_made_outlives_the_record(path: bytes) -> None:
    made_here.write(path, HEADER)
    assert made_here.read(path, "uuid:b/2") == (HEADER.created, HEADER.made_here)
    assert made_here.read(path, "uuid:b/2 uuid:c/2") == (HEADER.created, HEADER.made_here)
    assert made_here.read(path, "uuid:d/2") == (0, ())


def test_nothing_was_made_where_nothing_is_known(path: bytes) -> None:
    assert made_here.read(path, "uuid:b/2") == (0, ())


def test_what_was_made_is_not_half_believed(path: bytes) -> None:
    Path(os.fsdecode(path)).write_text('{"clone": "uuid:b/2", "paths": 7}')
    with pytest.raises(RecordError, match="damaged"):
        made_here.read(path, "uuid:b/2")


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
