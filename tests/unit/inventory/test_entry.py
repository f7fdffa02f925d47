"""find and drdwrap write the same line for a file, to the byte."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from drdwrap.inventory.entry import Entry, entry_at, nanoseconds, notation
from drdwrap.inventory.scan import find_arguments

TIMES = [
    0,
    1,
    123_456_789,
    -1,
    -999_999_999,
    -1_500_000_000,
    -2_147_483_646_750_000_000,
    4_102_444_800_000_000_000,
    1_700_000_000_000_000_001,
]


def found(directory: Path) -> dict[bytes, bytes]:
    arguments = find_arguments([], [], b"/dev/null")
    output = subprocess.run(
        ["find", *arguments], cwd=directory, stdout=subprocess.PIPE, check=True
    ).stdout
    lines = output.split(b"\0")[:-1]
    return {Entry.parse(line).path: line for line in lines}


@pytest.mark.parametrize("time", TIMES)
def test_times_of_any_year(tmp_path: Path, time: int) -> None:
    (tmp_path / "f").touch()
    os.utime(tmp_path / "f", ns=(0, time))
    entry = entry_at(os.fsencode(tmp_path), b"f")
    assert entry is not None
    if nanoseconds(entry.mtime) != time:
        pytest.skip(f"the file system here cannot keep the time {time}")
    assert entry.line == found(tmp_path)[b"f"]
    assert notation(nanoseconds(entry.mtime)) == entry.mtime


def test_every_type_and_odd_names(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    (tmp_path / "directory").mkdir(mode=0o1777)
    (tmp_path / "link").symlink_to("target")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
    for name in (b"new\nline", b"\xff\xfe", b" 1 2", b"a b//"[:3], b"n" * 255, b"{{ x }}"):
        with open(os.path.join(root, name), "wb") as file:
            file.write(b"content")
    os.link(tmp_path / "directory" / ".." / "link", tmp_path / "hard", follow_symlinks=False)
    os.chmod(os.path.join(root, b"\xff\xfe"), 0o4755)
    lines = found(tmp_path)
    assert len(lines) == 12  # the root itself among them
    for path, line in lines.items():
        entry = entry_at(root, path)
        assert entry is not None
        assert entry.line == line
        assert Entry.parse(line) == entry


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert entry_at(os.fsencode(tmp_path), b"absent") is None
    assert entry_at(os.fsencode(tmp_path), b"file/below") is None


def test_a_broken_line_is_refused() -> None:
    with pytest.raises(ValueError, match="line"):
        Entry.parse(b"no fields at all")
