"""The note of an activation, whole or damaged, and what is forgotten on a copy of an image."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.odd_json import odd_json

from drdwrap.boot.selection import environment_block, pending
from drdwrap.boot.selection.custom_cfg import with_part
from drdwrap.boot.selection.forget import forget
from drdwrap.boot.selection.image import StatePlace
from drdwrap.boot.selection.image_state import (
    FAILED,
    HANDED,
    STARTED,
    TRYING,
    ImageState,
    why_failed,
)
from drdwrap.boot.selection.pending import TRIAL, Pending
from drdwrap.errors import DrdwrapError

NOTE = Pending(
    "drd00",
    TRIAL,
    "1234abcd",
    "2026-11-29 20:00:00",
    StatePlace("1111-2222", "ext4", b"/grub/drdwrap.env"),
    "",
    False,
)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = bytes(tmp_path / "activation")
    assert pending.read(path) is None
    pending.write(path, NOTE)
    assert pending.read(path) == NOTE


@given(st.data())
def test_a_damaged_note_raises_nothing_else(data: st.DataObject) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory, "activation")
        pending.write(bytes(path), NOTE)
        path.write_bytes(data.draw(odd_json(json.loads(path.read_text()))))
        with suppress(DrdwrapError):
            pending.read(bytes(path))


def test_a_copy_of_an_image_chooses_nothing(tmp_path: Path) -> None:
    grub = tmp_path / "boot/grub"
    grub.mkdir(parents=True)
    environment_block.write(bytes(grub / "drdwrap.env"), ImageState().values())
    (grub / "custom.cfg").write_text(with_part("set color=red\n", "search x\n"))
    forget(bytes(tmp_path))
    assert not (grub / "drdwrap.env").exists()
    assert (grub / "custom.cfg").read_text() == "set color=red\n"
    forget(bytes(tmp_path))


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (ImageState(FAILED, reason="disk full"), "disk full"),
        (ImageState(FAILED, stage=HANDED), "boot loader did not start"),
        (ImageState(HANDED), "boot loader did not start"),
        (ImageState(FAILED), "did not reach user space"),
        (ImageState(TRYING, stage=STARTED), "reached user space"),
    ],
)
def test_a_trial_that_ended_without_a_word_has_a_reason(state: ImageState, why: str) -> None:
    assert why in why_failed(state)
