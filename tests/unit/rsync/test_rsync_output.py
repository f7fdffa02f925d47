"""What rsync prints, read as it prints it."""

import pytest

from drdwrap.rsync.output import Progress, ProgressReader, paths_named
from drdwrap.rsync.status_codes import Meaning, status_of


def test_progress_is_read_from_pieces_of_any_length() -> None:
    text = (
        "\r              0   0%    0.00kB/s    0:00:00 (xfr#0, ir-chk=1000/1064)"
        "\r      1,254,017  12%   42.97MB/s    0:00:00 (xfr#141, to-chk=880/1144)"
        "\r    383,635,100 100%  365.86MB/s    0:00:00 (xfr#1260, to-chk=0/1324)\n"
    )
    expected = [
        Progress(0, 64, 1064),
        Progress(1254017, 264, 1144),
        Progress(383635100, 1324, 1324),
    ]
    for length in (1, 7, 64, len(text)):
        told: list[Progress] = []
        reader = ProgressReader(told.append)
        for start in range(0, len(text), length):
            reader(text[start : start + length])
        assert told == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'rsync: [receiver] mkstemp "/c/etc/.x.AbCdEf" failed: x (1)', [b"etc/.x.AbCdEf"]),
        (b'file has vanished: "/b/etc/motd"', [b"etc/motd"]),
        (b'rsync: read errors mapping "/b/a\\#012b": No data available (61)', [b"a\nb"]),
        (b'rsync: link_stat "/b/./x" failed', [b"x"]),
        (b"rsync error: some files could not be transferred (code 23)", []),
        (b'rsync: x "/elsewhere/x" failed', []),
    ],
)
def test_the_files_that_a_message_names(line: bytes, expected: list[bytes]) -> None:
    assert paths_named(line, (b"/b", b"/c")) == expected


def test_every_exit_status_means_something() -> None:
    assert status_of(0).meaning is Meaning.DONE
    assert status_of(23).meaning is status_of(24).meaning is Meaning.PARTIAL
    for code in (*range(1, 23), *range(25, 40), -9, -15, 137):
        if code != 25:
            assert status_of(code).meaning is Meaning.CUT_OFF
            assert status_of(code).text
