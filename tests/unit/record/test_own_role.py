"""What an image by itself tells of its role, and the header of a record turned round."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from drdwrap.config.model import Config, from_mapping
from drdwrap.errors import RecordError
from drdwrap.pair.pair import Pair
from drdwrap.record import marker, own_role, reversal, store
from drdwrap.record.marker import Marker
from drdwrap.record.own_role import Role, role
from drdwrap.record.reversal import Reversal
from drdwrap.record.state_directory import StateDirectory
from drdwrap.record.store import Header

HERE, THERE, THIRD = "uuid:here/2 uuid:var/2", "uuid:there/2 uuid:other-var/2", "uuid:third/2"
HEADER = Header("one", 5, HERE, THERE, 1_700_000_000, (b"etc/fstab",))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path


def told(image: Path, header: Header | None, carried: Marker | None, **clone: bool) -> Role:
    """The role of an image that has these two."""
    state = StateDirectory(os.fsencode(image / "state"))
    if header is not None:
        store.write(state.record, header, [], [])
    if carried is not None:
        marker.write(os.fsencode(image), carried)
    return role(configured(image, **clone), state)


def configured(image: Path, *, is_booted: bool = False) -> Config:
    config = from_mapping({"layout": "directories", "booted": {"root": str(image)}})
    return replace(config, clone=replace(config.clone, is_booted=is_booted))


@pytest.mark.parametrize(
    ("header", "carried", "expected"),
    [
        (None, None, Role.BOOTED),
        (HEADER, None, Role.BOOTED),
        (None, Marker("one", 5, "uuid:there/2"), Role.CLONE),
        (None, Marker("one", 5), Role.CLONE),
        (HEADER, Marker("one", 5, "uuid:there/2"), Role.UNCLEAR),
        (HEADER, Marker("one", 6, "uuid:there/2"), Role.UNCLEAR),
        (HEADER, Marker("one", 4, "uuid:there/2"), Role.BOOTED),
        (HEADER, Marker("two", 9, "uuid:there/2"), Role.UNCLEAR),
        (HEADER, Marker("two", 9, "uuid:third/2"), Role.BOOTED),
        (HEADER, Marker("two", 9), Role.UNCLEAR),
    ],
)
def test_a_record_or_a_marker_or_both(
    image: Path, header: Header | None, carried: Marker | None, expected: Role
) -> None:
    assert told(image, header, carried) is expected


def test_the_configured_clones_group_without_a_record_is_the_clone(image: Path) -> None:
    assert told(image, None, None, is_booted=True) is Role.CLONE
    assert told(image, HEADER, None, is_booted=True) is Role.BOOTED


def test_a_damaged_record_does_not_make_it_the_clone(image: Path) -> None:
    (image / "state/record").write_bytes(b"garbage")
    assert told(image, None, Marker("one", 5)) is Role.UNCLEAR


def test_a_header_turned_round_and_back() -> None:
    turned = HEADER.turned(6)
    assert (turned.booted_id, turned.clone_id, turned.generation) == (THERE, HERE, 6)
    assert (turned.record_id, turned.made_here, turned.created) == (
        HEADER.record_id,
        HEADER.made_here,
        HEADER.created,
    )
    assert turned.turned(7) == replace(HEADER, generation=7, reversals=2)
    pair = Pair(b"/", b"/clone", (b"",), HERE, THERE)
    assert own_role.is_of(HEADER, pair) and not own_role.is_of(turned, pair)
    assert own_role.is_of(turned, pair.turned()) and not own_role.is_of(None, pair)


def test_the_number_of_reversals_is_kept(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / "record")
    store.write(path, HEADER, [], [])
    assert b"reversals" not in (tmp_path / "record").read_bytes(), "as earlier versions wrote it"
    store.write(path, HEADER.turned(6), [], [])
    assert store.read_header(path) == HEADER.turned(6)


def test_the_marker_names_the_other_image(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    marker.write(root, Marker.of(HEADER))
    found = marker.read(root)
    assert found is not None and found.other == "uuid:here/2"
    assert found == Marker("one", 5), "what names the other one is no part of what must agree"
    marker.remove(root)
    marker.remove(root)
    assert marker.read(root) is None


def test_a_reversal_is_done_by_a_record_of_its_roles(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / "reversal")
    assert reversal.read(path) is None
    new = HEADER.turned(6)
    reversal.write(path, Reversal.to(new))
    begun = reversal.read(path)
    assert begun is not None
    assert begun.is_done(new) and begun.is_done(new.next())
    for other in (None, HEADER, HEADER.next().next(), new.turned(9), replace(new, generation=5)):
        assert not begun.is_done(other)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"pair": 1}', b'{"pair": "x"}', b"\xff{"])
def test_a_damaged_reversal_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reversal"
    path.write_bytes(content)
    with pytest.raises(RecordError, match="is damaged") as raised:
        reversal.read(os.fsencode(path))
    assert "drdwrap reverse" in raised.value.hint


def test_a_fifo_in_place_of_a_reversal_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "reversal")
    with pytest.raises(RecordError, match="is damaged"):
        reversal.read(os.fsencode(tmp_path / "reversal"))
