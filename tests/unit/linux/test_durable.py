"""A file is replaced whole or not at all."""

import itertools
import os
import random
from pathlib import Path

import pytest

from drdwrap.linux import durable, syscalls


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "record")


def test_a_large_file_whose_writing_starts_early_arrives_whole(path: bytes) -> None:
    """Every byte is started once, for pieces of any size."""
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


def test_a_failed_write_leaves_the_old_file_and_no_other(path: bytes) -> None:
    durable.write(path, [b"old"])

    def failing() -> object:
        yield b"new"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        durable.write(path, failing())  # type: ignore[arg-type]
    assert Path(os.fsdecode(path)).read_bytes() == b"old"
    assert os.listdir(os.path.dirname(path)) == [b"record"]
