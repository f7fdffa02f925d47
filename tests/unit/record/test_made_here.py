"""What `clone` made on the clone is known without the record."""

import os
from pathlib import Path

import pytest

from drdwrap.errors import RecordError
from drdwrap.record import made_here
from drdwrap.record.store import Header

HEADER = Header("id", 3, "uuid:a/2", "uuid:b/2", 1_700_000_000, (b"swapfile",))


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "made-here")


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
