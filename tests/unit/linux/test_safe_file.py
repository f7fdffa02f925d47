"""A file is read, and a link, a FIFO or a huge file in its place does no harm."""

from __future__ import annotations

import errno
import os
import socket
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


def test_a_link_is_followed_where_that_is_meant(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert safe_file.contents(bytes(tmp_path / "link"), follow=True) == b"x"


def test_nothing_but_a_regular_file_is_read_or_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", Path("/dev/zero")):
        with pytest.raises(OSError, match="not a regular file") as refused:
            safe_file.contents(bytes(path))
        assert refused.value.filename == bytes(path)
    with pytest.raises(IsADirectoryError) as is_directory:
        safe_file.contents(bytes(tmp_path))
    assert is_directory.value.filename == bytes(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        with pytest.raises(OSError):  # noqa: PT011 (the system's own message)
            safe_file.contents(bytes(tmp_path / "socket"))


def test_no_more_is_read_than_there_should_be(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(OSError, match="larger than 64 MiB") as refused:
        safe_file.contents(bytes(tmp_path / "sparse"))
    assert refused.value.errno == errno.EFBIG
    (tmp_path / "file").write_bytes(b"x" * 4097)
    assert len(safe_file.contents(bytes(tmp_path / "file"), most=4097)) == 4097
    with pytest.raises(OSError, match="larger than 4 KiB"):
        safe_file.contents(bytes(tmp_path / "file"), most=4096)


def test_what_has_no_size_is_read_no_further(tmp_path: Path) -> None:
    """Files of proc(5) have a size of 0."""
    assert safe_file.contents(b"/proc/self/mountinfo")
    with pytest.raises(OSError, match="larger than"):
        safe_file.contents(b"/proc/self/mountinfo", most=1)


def test_no_program_inherits_the_descriptor(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    descriptor = safe_file.open_to_read(bytes(tmp_path / "file"))
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
