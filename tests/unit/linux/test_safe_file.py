"""A file is read, and a link or a FIFO in its place does no harm."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from drdwrap.linux import safe_file


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a\n\0b" * 100_000)
    assert safe_file.contents(bytes(tmp_path / "file")) == b"a\n\0b" * 100_000


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(OSError, match="symbolic links") as refused:
        safe_file.contents(bytes(tmp_path / "link"))
    assert refused.value.errno == errno.ELOOP


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert safe_file.contents(bytes(tmp_path / "fifo")) == b""


def test_no_program_inherits_the_descriptor(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    descriptor = safe_file.open_to_read(bytes(tmp_path / "file"))
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
