"""What rsync says (messages of 3.5.0, word for word), and what of it is about which path."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from unit.entries import trees

from drdwrap.errors import Interrupted
from drdwrap.pair.private_trees import Trees
from drdwrap.rsync.transcript import Transcript

LISTED = {b"etc/motd", b"etc/.hid", b"etc/n\xc3\xa4me", b"srv/motd", b"etc/gone", b"etc/issue"}
DENIED = b"Operation not permitted (1)"
END = (
    b"rsync error: some files/attrs were not transferred (see previous errors) (code 23)"
    b" at main.c(1394) [sender=3.5.0]"
)


class Copy:
    """A copy between two trees in a directory, and what rsync has said of it."""

    def __init__(self, place: Path) -> None:
        self.trees: Trees = trees(place)
        self.booted, self.clone = self.trees.roots
        self.said = Transcript()

    def say(self, *lines: bytes, listed: set[bytes] | None = LISTED) -> None:
        """These lines, with the names of the trees for BOOTED and CLONE."""
        text = b"".join(line + b"\n" for line in (*lines, END))
        text = text.replace(b"BOOTED", self.booted).replace(b"CLONE", self.clone)
        self.said.note(text, self.trees, listed)

    def about(self, path: bytes) -> bytes | None:
        return self.said.message_about(path)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (
            b'rsync: [sender] link_stat "BOOTED/etc/gone" failed: No such file or directory (2)',
            b"etc/gone",
        ),
        (b'file has vanished: "BOOTED/etc/gone"', b"etc/gone"),
        (
            b'rsync: [generator] failed to set permissions on "CLONE/etc/motd": ' + DENIED,
            b"etc/motd",
        ),
        (
            b'rsync: [receiver] rsync_xal_set: fsetxattr("CLONE/etc/motd","user.a") failed: '
            + DENIED,
            b"etc/motd",
        ),
        (
            b'rsync: [sender] read errors mapping "BOOTED/etc/n\\#303\\#244me": x (5)',
            b"etc/n\xc3\xa4me",
        ),
    ],
)
def test_a_message_is_about_the_path_that_it_names(copy: Copy, line: bytes, path: bytes) -> None:
    copy.say(line)
    said = line.replace(b"BOOTED", copy.booted).replace(b"CLONE", copy.clone)
    assert copy.about(path) == said
    assert copy.said.messages == [said]
    assert copy.said.unexplained == []
    assert list(copy.said.named()) == [path]
    assert copy.about(b"etc/issue") is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"etc/.motd.DvzfxW", b"etc/motd"),
        (b"etc/.hid.x4D3PD", b"etc/.hid"),
        (b"etc/.n\\#303\\#244me.5vCyyf", b"etc/n\xc3\xa4me"),
        (b"etc/motd", b"etc/motd"),
    ],
)
@pytest.mark.parametrize("volume", [b"", b"/var"])
def test_what_lies_in_the_staging_directory_is_named_as_what_it_will_be(
    copy: Copy, volume: bytes, name: bytes, path: bytes
) -> None:
    """Each volume has a staging directory of its own; a temporary file lies beside what it
    becomes."""
    staging = b"CLONE" + volume + b"/.drdwrap.tmp/new/"
    copy.say(b'rsync: [receiver] mkstemp "%s%s" failed: %s' % (staging, name, DENIED))
    (said,) = copy.said.messages
    assert copy.about(path) == said
    assert said == b'rsync: [receiver] mkstemp "%s/%s" failed: %s' % (copy.clone, name, DENIED)
    assert list(copy.said.named()) == [path]
    assert copy.said.unexplained == []


ODD_NAMES = [
    b'"',
    b'srv/"quoted"',
    b'srv/a" failed: b',
    b'srv/x","user.a',
    b'srv/a" -> "b',
    b"srv/\\#123",
    b"srv/new\nline",
    b"srv/tab\tand space ",
    b"srv/\xff\xfe",
    b"srv/home/.drdwrap.tmp/new/etc/shadow",
]
"""Names that look like something else in a message."""
MESSAGES = [
    b'rsync: [sender] link_stat "BOOTED/%s" failed: No such file or directory (2)',
    b'file has vanished: "BOOTED/%s"',
    b'rsync: [receiver] chown "CLONE/.drdwrap.tmp/new/%s" failed: x (1)',
    b'rsync: [generator] failed to set permissions on "CLONE/srv/.drdwrap.tmp/new/%s": x (1)',
    b'rsync: [receiver] rsync_xal_set: fsetxattr("CLONE/.drdwrap.tmp/new/%s","user.b") failed: x',
    b'rsync: [receiver] rename "CLONE/.drdwrap.tmp/new/%s" -> "a": x (1)',
]


def written(name: bytes) -> bytes:
    """A name as rsync writes it."""
    return b"".join(
        bytes([byte])
        if byte == 9 or (32 <= byte < 127 and name[at : at + 4] != b"\\#12")
        else b"\\#%03o" % byte
        for at, byte in enumerate(name)
    )


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("name", ODD_NAMES)
def test_whatever_a_name_has_in_it_the_message_is_about_that_path_alone(
    copy: Copy, name: bytes, message: bytes
) -> None:
    """Also about none that is a part of it, or that it ends with."""
    parts = {b"", b"srv", b"srv/a", b"srv/x", b"srv/home", b"etc/shadow", b"b", b"a"}
    copy.say(message % written(name), listed=LISTED | parts | {name})
    assert list(copy.said.named()) == [name]
    assert copy.said.unexplained == []


@pytest.mark.parametrize("name", ODD_NAMES)
def test_the_temporary_file_of_such_a_name_is_known(copy: Copy, name: bytes) -> None:
    directory, _, bare = name.rpartition(b"/")
    temporary = b"%s/.%s.AbCdEf" % (directory, bare) if directory else b".%s.AbCdEf" % bare
    line = b'rsync: [receiver] mkstemp "CLONE/.drdwrap.tmp/new/%s" failed: x' % written(temporary)
    copy.say(line, listed=LISTED | {name, b"srv/a", b"etc/shadow"})
    assert list(copy.said.named()) == [name]


def test_what_is_below_a_directory_like_the_staging_one_is_not_taken_for_what_it_ends_with(
    copy: Copy,
) -> None:
    """A user could make one, and keep any file of the system from being synchronized."""
    evil = b"home/u/.drdwrap.tmp/new/etc/motd"
    copy.say(b'file has vanished: "BOOTED/%s"' % evil)
    copy.say(b'rsync: [sender] read errors mapping "BOOTED/%s": x' % evil)
    put(copy, b"etc/motd")
    copy.say(b'rsync: [receiver] chown "CLONE/%s" failed: x' % evil, listed=None)
    assert list(copy.said.named()) == []
    assert len(copy.said.unexplained) == 3


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        (b"n" * 255, b"n" * 246 + b"."),
        (b"." + b"n" * 254, b"n" * 246 + b"."),
        (b"m" * 247, b"m" * 246 + b"."),
        (b"\xc3\xa4" * 127 + b"z", b""),
        (b"z" + b"\xc3\xa4" * 127, b"z."),
        (b"\xff" * 255, b""),
    ],
)
@pytest.mark.parametrize("is_listed", [True, False])
def test_a_long_name_is_known_by_what_its_temporary_file_keeps_of_it(
    copy: Copy, name: bytes, cut: bytes, is_listed: bool
) -> None:
    """As 3.2.7 and 3.5.0 cut them (strace)."""
    path = b"srv/" + name
    put(copy, path, b"srv/other")
    staging = b".drdwrap.tmp/new/" if is_listed else b""
    line = b'rsync: [receiver] mkstemp "CLONE/%ssrv/.%sQ1w2E3" failed: x' % (staging, cut)
    copy.say(line, listed={path, b"srv/other"} if is_listed else None)
    assert list(copy.said.named()) == [path]


def test_of_two_names_that_are_cut_to_the_same_none_is_blamed(copy: Copy) -> None:
    both = {b"srv/" + b"n" * 255, b"srv/" + b"n" * 254}
    put(copy, *both)
    line = b'rsync: [receiver] mkstemp "CLONE/.drdwrap.tmp/new/srv/.%s.Q1w2E3" failed: x'
    copy.say(line % (b"n" * 246), listed=both)
    assert list(copy.said.named()) == []
    assert len(copy.said.unexplained) == 1


def test_a_tree_whose_name_rsync_escapes_is_known(tmp_path: Path) -> None:
    place = tmp_path / "caf\u00e9"
    place.mkdir()
    copy = Copy(place)
    copy.say(b'file has vanished: "%s/etc/motd"' % written(copy.booted))
    assert list(copy.said.named()) == [b"etc/motd"]


def test_a_message_of_many_quotes_is_read_at_once(copy: Copy) -> None:
    name = b"/".join([b'"' * 250] * 16)
    started = time.monotonic()
    for _ in range(20):
        copy.say(b'rsync: [receiver] chown "CLONE/%s" failed: x' % name)
    assert time.monotonic() - started < 20
    assert len(copy.said.unexplained) == 20


def test_that_a_path_lacks_its_owner_or_mode_is_kept_from_whichever_message(copy: Copy) -> None:
    at = b"CLONE/.drdwrap.tmp/new/etc"
    copy.say(
        b'rsync: [receiver] rsync_xal_set: fsetxattr("%s/motd","user.a") failed: x' % at,
        b'rsync: [receiver] chown "%s/.motd.AbCdEf" failed: Operation not permitted (1)' % at,
        b'rsync: [generator] chgrp "%s/.hid" failed: x' % at,
        b'rsync: [generator] failed to set permissions on "%s/issue": x' % at,
        b'rsync: [generator] failed to set times on "%s/gone": x' % at,
    )
    lacking = [path for path in sorted(LISTED) if copy.said.lacks_rights(path)]
    assert lacking == [b"etc/.hid", b"etc/issue", b"etc/motd"]


def test_the_first_message_about_a_path_counts(copy: Copy) -> None:
    copy.say(
        b'rsync: [receiver] mkstemp "CLONE/.drdwrap.tmp/new/etc/.motd.AAAAAA" failed: first',
        b'rsync: [receiver] chown "CLONE/.drdwrap.tmp/new/etc/motd" failed: second',
    )
    assert (copy.about(b"etc/motd") or b"").endswith(b"first")
    assert len(copy.said.messages) == 2


@pytest.mark.parametrize(
    "line",
    [
        b"could not make way for new regular file: etc/motd",
        b"rsync: [sender] write error: Broken pipe (32)",
        b'rsync: [sender] link_stat "BOOTED/etc/other" failed: x',
        b'rsync: [sender] link_stat "/elsewhere/etc/motd" failed: x',
        b'rsync: [receiver] chown "CLONEd/etc/motd" failed: x',
        b'rsync: [receiver] chown "CLONE/.drdwrap.tmp/new/etc/other" failed: x',
        b'rsync: [receiver] mkstemp "CLONE/.drdwrap.tmp/new/etc/motd.DvzfxW" failed: x',
    ],
)
def test_a_message_that_names_nothing_that_is_copied_is_unexplained(
    copy: Copy, line: bytes
) -> None:
    copy.say(line)
    assert len(copy.said.messages) == 1
    assert copy.said.unexplained == copy.said.messages


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"  ",
        END,
        b"rsync warning: some files vanished before they could be transferred (code 24) at x",
        b"sent 12 bytes  received 3 bytes  30.00 bytes/sec",
        b"IO error encountered -- skipping file deletion",
        b"rsync: connection unexpectedly closed (code 12) at io.c(232)",
        b"*** Skipping any contents from this failed directory ***",
    ],
)
def test_what_says_nothing_of_a_file_is_passed_over(copy: Copy, line: bytes) -> None:
    copy.say(line)
    assert copy.said.messages == copy.said.unexplained == []


def put(copy: Copy, *paths: bytes) -> None:
    for path in paths:
        os.makedirs(os.path.dirname(copy.booted + b"/" + path), exist_ok=True)
        Path(os.fsdecode(copy.booted + b"/" + path)).touch()


def test_without_a_list_a_message_is_about_what_the_booted_system_has(copy: Copy) -> None:
    put(copy, b"etc/motd")
    copy.say(
        b'rsync: [generator] failed to set times on "CLONE/etc": ' + DENIED,
        b'rsync: [generator] failed to set times on "CLONE/gone": ' + DENIED,
        listed=None,
    )
    assert list(copy.said.named()) == [b"etc"]
    assert len(copy.said.unexplained) == 1


@pytest.mark.parametrize(
    ("there", "temporary"),
    [
        (b"etc/motd", b"etc/.motd.yrk2c1"),
        (b"etc/.hid", b"etc/.hid.nOEft1"),
        (b"motd", b".motd.yrk2c1"),
        (b"etc/new\nline", b"etc/.new\\#012line.yrk2c1"),
    ],
)
def test_without_a_list_temporary_files_lie_beside_what_they_become(
    copy: Copy, there: bytes, temporary: bytes
) -> None:
    put(copy, there)
    copy.say(b'rsync: [receiver] mkstemp "CLONE/%s" failed: x' % temporary, listed=None)
    assert list(copy.said.named()) == [there]
    assert copy.said.unexplained == []


def test_a_name_that_only_looks_like_that_of_a_temporary_file_is_none(copy: Copy) -> None:
    put(copy, b"etc/motd")
    for name in (b"motd.yrk2c1", b".motd.yrk2c", b".motd.yrk2c1x", b".motd.yrk2c-"):
        copy.say(b'rsync: [receiver] mkstemp "CLONE/etc/%s" failed: x' % name, listed=None)
    assert list(copy.said.named()) == []
    assert len(copy.said.unexplained) == 4


def test_messages_name_the_trees_as_everybody_sees_them(copy: Copy) -> None:
    copy.trees = Trees(
        copy.trees.booted, copy.trees.clone, without_links=False, roots=(b"/", b"/mnt/clone")
    )
    copy.say(
        b'rsync: [sender] read errors mapping "BOOTED/etc/motd": x',
        b'rsync: [receiver] chown "CLONE/etc/issue" failed: x',
    )
    assert copy.about(b"etc/motd") == b'rsync: [sender] read errors mapping "/etc/motd": x'
    assert copy.about(b"etc/issue") == b'rsync: [receiver] chown "/mnt/clone/etc/issue" failed: x'
    copy.say(
        b'rsync: [receiver] mkstemp "CLONE/etc/.drdwrap.tmp/new/etc/n\\#303\\#244me" failed: x',
        b'rsync: [receiver] rename "CLONE/.drdwrap.tmp/new/srv/.motd.XC25F0" -> "srv/motd": x',
    )
    assert copy.said.messages[2:] == [
        b'rsync: [receiver] mkstemp "/mnt/clone/etc/n\\#303\\#244me" failed: x',
        b'rsync: [receiver] rename "/mnt/clone/srv/.motd.XC25F0" -> "srv/motd": x',
    ]


def test_why_a_copy_was_cut_off_ends_with_what_rsync_said_last(copy: Copy) -> None:
    copy.said.cut_off = "error in file I/O"
    assert copy.said.why_cut_off() == "error in file I/O"
    copy.say(b"first", b'last "n\\#303\\#244me\\#033"')
    assert copy.said.why_cut_off() == 'error in file I/O: last "n\u00e4me\\033"'


def test_what_the_other_processes_say_of_one_that_ended_is_no_reason(copy: Copy) -> None:
    """Word for word, when the receiver is killed, and when it ends with an error."""
    copy.said.cut_off = "why"
    end = (
        b"rsync: connection unexpectedly closed (7834 bytes received so far) [generator]",
        b"rsync error: error in rsync protocol data stream (code 12) at io.c(285) [generator]",
        b"rsync: [receiver] write error: Broken pipe (32)",
        b"rsync: [sender] write error: Broken pipe (32)",
    )
    copy.say(*end)
    assert copy.said.why_cut_off() == "why"
    copy.say(b'rsync: [receiver] write failed on "CLONE/a": No space left on device (28)', *end)
    assert copy.said.why_cut_off().endswith("No space left on device (28)")


def test_a_signal_cuts_a_copy_off() -> None:
    said, interrupted = Transcript(), Interrupted(signal.SIGTERM)
    said.interrupt(interrupted)
    assert said.interrupted is interrupted
    assert said.cut_off
