"""Whatever is in a file of drdwrap's own, it is understood, ignored with a note, or refused."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.odd_json import dumped, odd_json, spoiled

from drdwrap.errors import RecordError
from drdwrap.record import made_here, marker, results, shutdown_note, store
from drdwrap.record.marker import Marker
from drdwrap.record.store import Header

SAME_PLACE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

RESULT: dict[str, Any] = {
    "started": "2026-11-23 17:20:05",
    "ended": "2026-11-23 17:20:09",
    "exit_status": 0,
    "error": "",
    "counts": {"files_to_be_copied": 1, "copied": 1, "deleted": 0},
    "bytes_to_be_copied": 5,
    "warnings": ["one"],
    "last_success": "2026-11-23 17:20:09",
}
MADE_HERE = {"clone": "uuid:b/2", "created": 1_700_000_000, "paths": ["swapfile", "etc/fstab"]}
HEADER = {
    "pair": "id",
    "generation": 3,
    "booted_id": "uuid:a/2",
    "clone_id": "uuid:b/2",
    "created": 1_700_000_000,
    "made_here": ["swapfile"],
    "sections": {"booted": [4096, 0, 0, 0], "clone": [4096, 0, 0, 0]},
}


@pytest.fixture
def path(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "file")


def put(path: bytes, content: bytes) -> None:
    Path(os.fsdecode(path)).write_bytes(content)


@SAME_PLACE
@given(content=odd_json({"sync": RESULT, "preview": {**RESULT, "exit_status": 1}}))
def test_results_are_whole_or_left_out(path: bytes, content: bytes) -> None:
    put(path, content)
    found, note = results.read(path)
    for result in found.values():
        assert isinstance(result["ended"], str) and result["exit_status"] >= 0
        assert results.last_success(result) is None or results.last_success(result)
    results.write(path, RESULT, "sync")
    after, note = results.read(path)
    assert after == {**found, "sync": RESULT}
    assert note == ""


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"ended": None}, "ended is not a date"),
        ({"ended": ["x"]}, "ended is not a date"),
        ({"ended": "\x1b[2J"}, "ended is not a date"),
        ({"ended": "2026-13-23 17:20:05"}, "ended is not a date"),
        ({"exit_status": "0"}, "exit_status is not a number from 0 on"),
        ({"exit_status": True}, "exit_status is not a number from 0 on"),
        ({"counts": []}, "it is not an object"),
        ({"counts": {"copied": "many"}}, "copied is not a number from 0 on"),
        ({"warnings": [1]}, "warnings is not a list of text"),
        ({"last_success": 7}, "last_success is not a date"),
    ],
)
def test_a_note_says_what_was_left_out(path: bytes, wrong: dict[str, Any], why: str) -> None:
    put(path, dumped({"sync": {**RESULT, **wrong}, "preview": RESULT}))
    found, note = results.read(path)
    assert found == {"preview": RESULT}
    assert note == (
        f"{os.fsdecode(path)} is damaged (sync: {why}): how those runs ended is not known, and the"
        " next run of each notes it again"
    )


def test_results_of_which_only_the_end_is_known_are_good(path: bytes) -> None:
    put(path, dumped({"sync": {"ended": RESULT["ended"], "exit_status": 2}}))
    found, note = results.read(path)
    assert (results.last_success(found["sync"]), note) == (RESULT["ended"], "")


def test_where_there_are_none_there_is_nothing_to_say(path: bytes) -> None:
    assert results.read(path) == ({}, "")
    assert shutdown_note.read(path) == (None, "")


@SAME_PLACE
@given(content=odd_json(MADE_HERE))
def test_what_clone_made_is_understood_or_refused(path: bytes, content: bytes) -> None:
    put(path, content)
    try:
        created, paths = made_here.read(path, "uuid:b/2 uuid:c/2")
    except RecordError as error:
        assert error.hint
        return
    assert created >= 0
    assert all(one and not one.startswith(b"/") and b"\0" not in one for one in paths)


@SAME_PLACE
@given(content=odd_json({"pair": "id", "generation": 3}))
def test_a_marker_is_understood_or_of_no_record(tmp_path: Path, content: bytes) -> None:
    os.setxattr(tmp_path, "user.drdwrap", content[:3000])
    found = marker.read(os.fsencode(tmp_path))
    assert found is not None
    assert found == Marker("unreadable", -1) or found.generation >= 0


def with_footer(path: bytes, footer: bytes) -> None:
    """A record whose checksum is right, and whose footer says this."""
    store.write(path, Header("id", 3, "uuid:a/2", "uuid:b/2"), [], [])
    with open(path, "rb") as file:
        start = file.read().rindex(b'{"pair"')
    with open(path, "r+b") as file:
        file.seek(start)
        file.truncate()
        file.write(footer + b"\n%d %d\n" % (len(footer), zlib.crc32(footer)))


@SAME_PLACE
@given(footer=odd_json(HEADER))
def test_a_record_is_understood_or_refused(path: bytes, footer: bytes) -> None:
    with_footer(path, footer)
    header = store.read_header(path)
    try:
        record = store.read(path)
    except RecordError as error:
        assert error.hint
        return
    assert record is not None
    assert record.header == header


@SAME_PLACE
@given(footer=spoiled(HEADER["sections"]).map(lambda odd: dumped({**HEADER, "sections": odd})))
def test_so_are_its_sections(path: bytes, footer: bytes) -> None:
    with_footer(path, footer)
    try:
        record = store.read(path)
    except RecordError:
        return
    assert record is not None and record.header.record_id == "id"


@pytest.mark.parametrize("last", [b"9" * 30 + b" 5", b"-5 5", b"5", b"x y", b"%d 5" % (1 << 62)])
def test_the_end_of_a_record_may_say_anything(path: bytes, last: bytes) -> None:
    store.write(path, Header("id", 3, "uuid:a/2", "uuid:b/2"), [], [])
    with open(path, "ab") as file:
        file.write(last + b"\n")
    assert store.read_header(path) is None
    with pytest.raises(RecordError, match="is damaged"):
        store.read(path)


NOTE = b"started=2026-11-23 17:20:05\nended=2026-11-23 17:20:09\nresult=done\nmessage=all\n"


@SAME_PLACE
@given(
    content=st.binary() | st.lists(st.sampled_from(NOTE.split(b"\n")) | st.binary()).map(b"\n".join)
)
def test_a_note_of_the_shutdown_is_whole_or_left_out(path: bytes, content: bytes) -> None:
    put(path, content)
    found, note = shutdown_note.read(path)
    assert (found is None) == bool(note)
    if found is not None:
        assert set(found) == {"started", "ended", "result", "message"}
        assert all(text.isprintable() for text in found.values())


def test_a_note_of_the_shutdown(path: bytes) -> None:
    put(path, NOTE.replace(b"=all", b"=a=b\r\x1b"))
    assert shutdown_note.read(path)[0] == {
        "started": "2026-11-23 17:20:05",
        "ended": "2026-11-23 17:20:09",
        "result": "done",
        "message": "a=b\\015\\033",
    }
    put(path, NOTE.replace(b"ended=2026", b"ended=soon"))
    assert shutdown_note.read(path) == (
        None,
        f"{os.fsdecode(path)} is damaged (it has no dates): how the last sync at a shutdown ended"
        " is not known",
    )


@pytest.mark.parametrize("read", [results.read, shutdown_note.read])
def test_a_fifo_is_not_waited_for(path: bytes, read: Any) -> None:
    os.mkfifo(path)
    found, note = read(path)
    assert not found
    assert "not a regular file" in note
