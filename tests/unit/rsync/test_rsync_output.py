"""What rsync prints, read as it prints it."""

import pytest

from drdwrap.rsync.output import Progress, ProgressReader, Total, paths_named, unescaped


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


def test_a_message_names_all_the_paths_that_it_quotes() -> None:
    line = b'rsync: link "/b/a" => "/c/d/b" failed: x'
    assert paths_named(line, (b"/b", b"/c")) == [b"a", b"d/b"]


def test_names_are_read_as_rsync_writes_them() -> None:
    assert unescaped(b"n\\#303\\#244me\\#012") == b"n\xc3\xa4me\n"
    assert unescaped(b"\\303 #303 \\#30") == b"\\303 #303 \\#30"


def test_the_figures_of_several_rsyncs_are_added_up() -> None:
    told: list[Progress] = []
    total = Total(told.append)
    first, second = total.part(), total.part()
    first(Progress(100, 1, 4))
    second(Progress(10, 2, 3))
    first(Progress(200, 4, 4))
    assert told == [Progress(100, 1, 4), Progress(110, 3, 7), Progress(210, 6, 7)]


def test_of_a_list_the_directories_above_are_not_counted() -> None:
    told: list[Progress] = []
    part = Total(told.append, expected=100).part(10)
    part(Progress(0, 0, 14))
    part(Progress(5, 12, 14))
    part(Progress(9, 14, 14))
    assert told == [Progress(0, 0, 100), Progress(5, 8, 100), Progress(9, 10, 100)]
