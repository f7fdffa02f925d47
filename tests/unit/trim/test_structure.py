"""What directories impose on the paths in them: three rules, each about what the clone has."""

from __future__ import annotations

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    changed_on_clone,
    directory,
    edited,
    erased,
    erased_but_changed_on_clone,
    erased_on_both,
    erased_on_clone,
    file,
    new,
    symlink,
)
from unit.trim.trimmed import outcomes, trimming, why

from drdwrap.changes.candidate import Candidate, never_seen
from drdwrap.changes.decision_table import REASONS, Outcome
from drdwrap.trim import structure

D = directory(b"d")
A_LINK_ON_THE_CLONE = changed_on_clone(D, symlink(b"d"))
A_LINK_ON_THE_BOOTED_SYSTEM = changed(D, symlink(b"d"))


@pytest.mark.parametrize(
    "below",
    [
        new(file(b"d/x")),
        changed(file(b"d/x")),
        erased_on_clone(file(b"d/x")),
        erased(file(b"d/x")),
        erased_on_both(file(b"d/x")),
    ],
)
def test_nothing_is_done_below_what_is_no_directory_on_the_clone(below: Candidate) -> None:
    trimmed = trimming(A_LINK_ON_THE_CLONE, below)
    assert structure.hold(trimmed)
    assert outcomes(trimmed) == {
        b"d": Outcome.CLONE_ONLY,
        below.path: Outcome.TARGET_CHANGED,
    }
    assert "/d " in why(trimmed, below.path)
    assert not structure.hold(trimmed)


def test_what_is_held_for_another_reason_keeps_it_below_a_link() -> None:
    trimmed = trimming(A_LINK_ON_THE_CLONE, changed_on_clone(file(b"d/x")))
    assert not structure.hold(trimmed)
    assert outcomes(trimmed)[b"d/x"] is Outcome.CLONE_ONLY


def test_nothing_is_held_below_a_directory_that_changed_on_the_clone() -> None:
    trimmed = trimming(changed_on_clone(D), new(file(b"d/x")), erased(file(b"d/y")))
    assert not structure.hold(trimmed)
    assert outcomes(trimmed) == {
        b"d": Outcome.CLONE_ONLY,
        b"d/x": Outcome.COPY,
        b"d/y": Outcome.ERASED,
    }


def test_nothing_is_held_below_a_directory_that_did_not_change() -> None:
    trimmed = trimming(new(file(b"d/x")), erased(file(b"e/x")))
    assert not structure.hold(trimmed)


def test_what_becomes_a_directory_on_the_clone_lets_its_contents_through() -> None:
    trimmed = trimming(changed(file(b"d"), D), new(file(b"d/x")))
    assert not structure.hold(trimmed)
    assert outcomes(trimmed) == {b"d": Outcome.COPY, b"d/x": Outcome.COPY}


def test_a_new_directory_lets_its_contents_through() -> None:
    trimmed = trimming(new(D), new(directory(b"d/e")), new(file(b"d/e/x")))
    assert not structure.hold(trimmed)
    assert set(outcomes(trimmed).values()) == {Outcome.COPY}


def test_a_directory_that_does_not_come_keeps_all_of_its_contents_off_the_clone() -> None:
    trimmed = trimming(new(D), new(directory(b"d/e")), new(file(b"d/e/x")))
    trimmed.hold(b"d", Outcome.NONVOLATILE, "")
    assert structure.hold(trimmed)
    assert outcomes(trimmed) == {
        b"d": Outcome.NONVOLATILE,
        b"d/e": Outcome.TARGET_CHANGED,
        b"d/e/x": Outcome.TARGET_CHANGED,
    }
    assert "/d " in why(trimmed, b"d/e")
    assert "/d/e " in why(trimmed, b"d/e/x")


def test_new_directories_below_a_link_do_not_come() -> None:
    trimmed = trimming(A_LINK_ON_THE_CLONE, new(directory(b"d/e")), new(file(b"d/e/x")))
    assert structure.hold(trimmed)
    assert outcomes(trimmed)[b"d/e/x"] is Outcome.TARGET_CHANGED


@pytest.mark.parametrize(
    "above",
    [
        changed(D, file(b"d")),
        Candidate(b"d", edited(file(b"d")), never_seen(file(b"d")), file(b"d"), file(b"d")),
        Candidate(b"d", file(b"d"), D, file(b"d"), D, hidden=""),
        erased(file(b"d")),
    ],
    ids=["copied", "copied again after a run was cut off", "in step", "removed"],
)
def test_what_both_sides_lost_with_its_directory_is_forgotten(above: Candidate) -> None:
    trimmed = trimming(above, erased_on_both(file(b"d/x")))
    assert not structure.hold(trimmed)
    assert outcomes(trimmed)[b"d/x"] is Outcome.FORGOTTEN


def test_it_is_forgotten_below_what_goes_with_its_directory_too() -> None:
    trimmed = trimming(
        A_LINK_ON_THE_BOOTED_SYSTEM, erased(file(b"d/e")), erased_on_both(file(b"d/e/x"))
    )
    structure.hold(trimmed)
    assert not structure.hold(trimmed)
    assert outcomes(trimmed)[b"d/e"] is Outcome.REPLACED
    assert outcomes(trimmed)[b"d/e/x"] is Outcome.FORGOTTEN


def test_a_directory_gives_way_with_all_that_is_in_it_as_drdwrap_put_it() -> None:
    trimmed = trimming(
        A_LINK_ON_THE_BOOTED_SYSTEM,
        erased(directory(b"d/e")),
        erased(file(b"d/e/x")),
        erased_on_both(file(b"d/gone")),
    )
    assert structure.hold(trimmed)
    assert outcomes(trimmed) == {
        b"d": Outcome.COPY,
        b"d/e": Outcome.REPLACED,
        b"d/e/x": Outcome.REPLACED,
        b"d/gone": Outcome.FORGOTTEN,
    }
    assert why(trimmed, b"d/e/x") == REASONS[Outcome.REPLACED]
    assert not structure.hold(trimmed)


def test_it_says_that_a_verdict_changed_whichever_directory_it_was_in() -> None:
    other = erased(directory(b"other"))
    gives_way = [A_LINK_ON_THE_BOOTED_SYSTEM, erased(file(b"d/x"))]
    stays = changed(directory(b"e"), symlink(b"e"))
    for candidates in ([*gives_way, stays], [stays, *gives_way], [*gives_way, other]):
        trimmed = trimming(*candidates)
        if stays in candidates:
            trimmed.hold(b"e", Outcome.NONVOLATILE, "")
        assert structure.hold(trimmed)
        assert not structure.hold(trimmed)


def test_what_was_erased_goes_from_a_directory_that_is_one_on_both_sides() -> None:
    trimmed = trimming(changed(D), erased(file(b"d/x")))
    assert not structure.hold(trimmed)
    assert outcomes(trimmed) == {b"d": Outcome.COPY, b"d/x": Outcome.ERASED}


def test_and_from_one_that_stays_for_a_change_of_its_own() -> None:
    held = Candidate(b"d", symlink(b"d"), D, edited(D), D)
    trimmed = trimming(held, erased(file(b"d/x")))
    assert not structure.hold(trimmed)
    assert outcomes(trimmed) == {b"d": Outcome.TARGET_CHANGED, b"d/x": Outcome.ERASED}


def test_a_directory_with_a_change_of_the_clone_in_it_stays_and_so_does_all_in_it() -> None:
    trimmed = trimming(
        A_LINK_ON_THE_BOOTED_SYSTEM,
        erased(file(b"d/x")),
        erased(directory(b"d/e")),
        erased_but_changed_on_clone(file(b"d/e/mine")),
    )
    assert structure.hold(trimmed)
    assert set(outcomes(trimmed).values()) == {Outcome.TARGET_CHANGED}
    assert "below /d" in why(trimmed, b"d/x")
    assert why(trimmed, b"d/e/mine") == "by the table"


@pytest.mark.parametrize("own", [b"d/mine", b"d/e/mine"])
def test_a_directory_with_a_file_of_the_clones_own_in_it_stays(own: bytes) -> None:
    trimmed = trimming(A_LINK_ON_THE_BOOTED_SYSTEM, erased(file(b"d/x")), own=[own])
    assert structure.hold(trimmed)
    assert set(outcomes(trimmed).values()) == {Outcome.TARGET_CHANGED}


def test_a_directory_gives_way_whatever_lies_beside_it_under_a_name_like_its_own() -> None:
    beside = [changed_on_both(file(b"d" + end)) for end in (b"-x", b"0", b"d/x", b".x")]
    trimmed = trimming(
        A_LINK_ON_THE_BOOTED_SYSTEM, erased(file(b"d/x")), *beside, own=[b"d.own", b"d0/own"]
    )
    assert structure.hold(trimmed)
    assert outcomes(trimmed)[b"d"] is Outcome.COPY
    assert outcomes(trimmed)[b"d/x"] is Outcome.REPLACED


@pytest.mark.parametrize("kept", [Outcome.LOCATION, Outcome.NOT_COMPARED, Outcome.NONVOLATILE])
@pytest.mark.parametrize("later", [True, False])
def test_a_directory_stays_for_what_another_criterion_keeps_in_it(
    kept: Outcome, later: bool
) -> None:
    trimmed = trimming(A_LINK_ON_THE_BOOTED_SYSTEM, erased(file(b"d/x")), erased(file(b"d/y")))
    if later:
        structure.hold(trimmed)
    trimmed.hold(b"d/y", kept, "")
    assert structure.hold(trimmed)
    assert outcomes(trimmed) == {
        b"d": Outcome.TARGET_CHANGED,
        b"d/x": Outcome.TARGET_CHANGED,
        b"d/y": kept,
    }


def test_what_was_to_go_with_its_directory_stays_when_that_is_held_later() -> None:
    trimmed = trimming(A_LINK_ON_THE_BOOTED_SYSTEM, erased(file(b"d/x")))
    structure.hold(trimmed)
    trimmed.hold(b"d", Outcome.NONVOLATILE, "")
    assert structure.hold(trimmed)
    assert outcomes(trimmed) == {b"d": Outcome.NONVOLATILE, b"d/x": Outcome.TARGET_CHANGED}


def test_an_erased_directory_goes_if_all_that_is_in_it_goes() -> None:
    trimmed = trimming(
        erased(D),
        erased(file(b"d/x")),
        erased_on_both(file(b"d/y")),
        changed_on_clone(file(b"e")),
        own=[b"dd/mine"],
    )
    assert not structure.hold(trimmed)
    assert outcomes(trimmed)[b"d"] is Outcome.ERASED


@pytest.mark.parametrize("deletions", [True, False])
def test_erased_directories_stay_above_what_stays_on_the_clone(deletions: bool) -> None:
    trimmed = trimming(
        erased(D),
        erased(directory(b"d/e")),
        erased(directory(b"d/other")),
        erased_but_changed_on_clone(file(b"d/e/x")),
        deletions=deletions,
    )
    assert structure.hold(trimmed) is deletions
    stays = Outcome.TARGET_CHANGED if deletions else Outcome.ERASED
    assert outcomes(trimmed) == {
        b"d": stays,
        b"d/e": stays,
        b"d/other": Outcome.ERASED,
        b"d/e/x": Outcome.TARGET_CHANGED,
    }


def test_erased_directories_stay_above_a_file_of_the_clones_own() -> None:
    trimmed = trimming(
        erased(D), erased(directory(b"d/e")), own=[b"d/e/deep/mine", b"d/e/deep/more"]
    )
    assert structure.hold(trimmed)
    assert set(outcomes(trimmed).values()) == {Outcome.TARGET_CHANGED}
