"""Whatever the disks and the firmware do: one image is started, and never in a circle."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drdwrap.boot.selection.at_start import HAND_OVER, SELF, TRIAL, at_start
from drdwrap.boot.selection.image_state import (
    FAILED,
    GOOD,
    HANDED,
    HELD,
    OFF,
    ONCE,
    ONCE_HANDED,
    SPENT,
    TRY,
    TRYING,
    ImageState,
)

ALL = (TRY, HANDED, TRYING, GOOD, FAILED, ONCE, ONCE_HANDED, SPENT, OFF, HELD)
ORIGINAL, CLONE = 0, 1


@dataclass
class Machine:
    """Two disks with GRUB. `first` is the one whose GRUB the firmware starts."""

    states: list[ImageState]
    first: int = ORIGINAL
    present: tuple[bool, bool] = (True, True)
    writable: tuple[bool, bool] = (True, True)

    def boot(self) -> tuple[int, str]:
        """Boot, and return the image and how it was started."""
        here = self.first if self.present[self.first] else 1 - self.first
        for _ in range(3):
            there = 1 - here
            start = at_start(
                self.states[here],
                self.states[there] if self.present[there] else None,
                mine_writable=self.writable[here],
                other_writable=self.writable[there],
            )
            self.states[here] = start.mine
            if start.other is not None:
                self.states[there] = start.other
            if start.action != HAND_OVER:
                return here, start.action
            here = there
        raise AssertionError("the two hand over to each other in a circle")

    def confirmed(self, image: int) -> None:
        self.states[image] = self.states[image].becoming(GOOD)


def machine(clone: str, first: int = ORIGINAL) -> Machine:
    """The original is booted; the clone is in this state, chosen later."""
    return Machine([ImageState(GOOD, 1), ImageState(clone, 2)], first)


@pytest.mark.parametrize("first", [ORIGINAL, CLONE])
def test_a_trial_that_passes_stays(first: int) -> None:
    booting = machine(TRY, first)
    assert booting.boot() == (CLONE, TRIAL)
    booting.confirmed(CLONE)
    assert [booting.boot() for _ in range(3)] == [(CLONE, SELF)] * 3


@pytest.mark.parametrize("first", [ORIGINAL, CLONE])
def test_a_trial_that_ends_without_a_word_is_not_repeated(first: int) -> None:
    booting = machine(TRY, first)
    assert booting.boot() == (CLONE, TRIAL)
    assert [booting.boot() for _ in range(3)] == [(ORIGINAL, SELF)] * 3
    assert booting.states[CLONE].state == FAILED


def test_a_boot_loader_that_does_not_come_up_is_told_from_a_kernel() -> None:
    booting = machine(HANDED)
    assert booting.boot() == (ORIGINAL, SELF)
    assert (booting.states[CLONE].state, booting.states[CLONE].stage) == (FAILED, HANDED)


@pytest.mark.parametrize("first", [ORIGINAL, CLONE])
def test_once_is_once(first: int) -> None:
    booting = machine(ONCE, first)
    assert booting.boot() == (CLONE, SELF)
    assert [booting.boot() for _ in range(3)] == [(ORIGINAL, SELF)] * 3


@pytest.mark.parametrize("first", [ORIGINAL, CLONE])
def test_the_way_back_to_the_original_is_a_trial_as_well(first: int) -> None:
    booting = machine(GOOD, first)
    assert booting.boot() == (CLONE, SELF)
    booting.states[ORIGINAL] = ImageState(TRY, 3)
    assert booting.boot() == (ORIGINAL, TRIAL)
    assert booting.boot() == (CLONE, SELF)
    booting.states[ORIGINAL] = ImageState(TRY, 4)
    assert booting.boot() == (ORIGINAL, TRIAL)
    booting.confirmed(ORIGINAL)
    assert booting.boot() == (ORIGINAL, SELF)


@pytest.mark.parametrize("state", ALL)
def test_with_the_clones_disk_gone_the_original_boots(state: str) -> None:
    booting = machine(state)
    booting.present = (True, False)
    assert booting.boot() == (ORIGINAL, SELF)


@pytest.mark.parametrize("state", [TRY, ONCE])
@pytest.mark.parametrize("first", [ORIGINAL, CLONE])
def test_what_cannot_be_written_is_not_begun(state: str, first: int) -> None:
    booting = machine(state, first)
    booting.writable = (True, False)
    assert [booting.boot() for _ in range(3)] == [(ORIGINAL, SELF)] * 3


@given(
    states=st.tuples(st.sampled_from(ALL), st.sampled_from(ALL)),
    serials=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    firsts=st.lists(st.sampled_from([ORIGINAL, CLONE]), min_size=4, max_size=4),
    present=st.sampled_from([(True, True), (True, False), (False, True)]),
    writable=st.tuples(st.booleans(), st.booleans()),
)
def test_no_states_make_a_circle_or_a_second_attempt(
    states: tuple[str, str],
    serials: tuple[int, int],
    firsts: list[int],
    present: tuple[bool, bool],
    writable: tuple[bool, bool],
) -> None:
    both = [ImageState(state, serial) for state, serial in zip(states, serials, strict=True)]
    booting = Machine(both, present=present, writable=writable)
    trials: list[int] = []
    for first in firsts:
        booting.first = first
        image, action = booting.boot()
        assert present[image]
        if action == TRIAL:
            assert booting.states[image].state == TRYING
            trials.append(image)
    assert len(trials) == len(set(trials))


def test_a_copy_becomes_nothing_else() -> None:
    state = ImageState(TRY, 4, trial="1234abcd", former="vg00")
    assert state.becoming(TRYING) == replace(state, state=TRYING)
