"""The device mapper's names of logical volumes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drdwrap.linux.device_mapper import (
    group_and_lv,
    is_in_group,
    lv_in,
    mapped_name,
    mapped_prefix,
)

NAMES = st.from_regex(rb"[a-c_.][a-c_.-]{0,5}", fullmatch=True)  # LVM's begin with no hyphen


def mapped(group: bytes, lv: bytes) -> bytes:
    """As dmsetup(8) shows it."""
    return group.replace(b"-", b"--") + b"-" + lv.replace(b"-", b"--")


@pytest.mark.parametrize(
    ("name", "names"),
    [
        (b"vg00-root", (b"vg00", b"root")),
        (b"vg--1-my--data", (b"vg-1", b"my-data")),
        (b"vda3_crypt", None),
        (b"luks-1c1c-2222", None),
    ],
)
def test_which_lv_of_which_group(name: bytes, names: tuple[bytes, bytes] | None) -> None:
    assert group_and_lv(name) == names


@given(NAMES, NAMES, NAMES)
def test_a_name_belongs_to_one_group_alone(group: bytes, lv: bytes, other: bytes) -> None:
    name = mapped(group, lv)
    assert name.startswith(mapped_prefix(group))
    assert is_in_group(name, other) == (other == group)
    assert lv_in(name, other) == (lv if other == group else b"")


def test_only_a_node_of_the_device_mapper_has_a_mapped_name() -> None:
    assert mapped_name(b"/dev/mapper/vg00-root") == b"vg00-root"
    assert mapped_name(b"/dev/vg00/root") == b""
