"""The record: read back as written, and refused when anything is wrong with it."""

import json
import os
import random
from pathlib import Path

import pytest

from drdwrap.errors import RecordError
from drdwrap.inventory import storage
from drdwrap.record import store
from drdwrap.record.store import Header

HEADER = Header("id", 3, "uuid:a/2", "uuid:b/2", 1_700_000_000, (b"swapfile",))
LINES = [b"etc//d 755 0 0 0 1.0 2.0 3 2", b"etc/\xff\n//f 644 0 0 7 1.5 2.5 4 1"]


def pieces(lines: list[bytes]) -> list[bytes]:
    return [line + b"\0" for line in lines]


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "record")


def test_a_record_is_read_as_it_was_written(path: bytes) -> None:
    store.write(path, HEADER, pieces(LINES), pieces(LINES[:1]))
    record = store.read(path)
    assert record is not None
    assert record.header == HEADER
    assert list(storage.lines(record.booted)) == LINES
    assert list(storage.lines(record.clone)) == LINES[:1]
    assert store.read_header(path) == HEADER
    assert os.stat(path).st_mode & 0o077 == 0


def test_the_record_id_is_named_pair_in_the_file(path: bytes) -> None:
    """As in the records that earlier versions have written."""
    store.write(path, HEADER, [], [])
    footer = json.loads(Path(os.fsdecode(path)).read_bytes().splitlines()[-2].lstrip(b"\0"))
    assert footer.pop("sections").keys() == {"booted", "clone"}
    assert footer == {
        "pair": "id",
        "generation": 3,
        "booted_id": "uuid:a/2",
        "clone_id": "uuid:b/2",
        "created": 1_700_000_000,
        "made_here": ["swapfile"],
    }


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
