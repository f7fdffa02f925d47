"""All names of a file are copied with the one that is, as far as they are in step."""

from __future__ import annotations

from collections.abc import Iterable

from unit.entries import changed, changed_on_both, file, in_step, inventory, links, names, new

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory.finder import Finder
from drdwrap.trim.linked_names import join_linked_names
from drdwrap.trim.trimming import Verdict

FILE = [b"a", b"d/b", b"c"]
ON_CLONE = [file(name, inode=b"77", links=3) for name in FILE]
LINKS = links(FILE, [b"x", b"y"])


def joined(
    candidates: Iterable[Candidate],
    verdicts: dict[bytes, Outcome],
    *,
    known: LinkGroups | None = LINKS,
    unknown: frozenset[bytes] = frozenset(),
    clone: Iterable[bytes] = FILE,
) -> tuple[dict[bytes, Candidate], dict[bytes, Outcome]]:
    """What is joined, where both sides have the names in `FILE`, and the clone those given."""
    finders = (
        Finder(inventory(*names(FILE)).storage),
        Finder(inventory(*(entry for entry in ON_CLONE if entry.path in clone)).storage),
    )
    given = {candidate.path: candidate for candidate in candidates}
    before = {path: Verdict(outcome, "") for path, outcome in verdicts.items()}
    found, decided = join_linked_names(given, before, known, unknown, finders)
    assert {path: verdict.outcome for path, verdict in before.items()} == verdicts
    return found, {path: verdict.outcome for path, verdict in decided.items()}


def test_names_that_are_no_candidates_become_some_as_both_sides_have_them() -> None:
    mine, other = names(FILE)[1], ON_CLONE[1]
    found, decided = joined([changed(names(FILE)[0])], {b"a": Outcome.COPY})
    assert found.keys() == decided.keys() == set(FILE)
    assert found[b"d/b"] == Candidate(b"d/b", mine, mine, other, other)
    assert set(decided.values()) == {Outcome.COPY}


def test_the_reason_names_the_name_that_is_copied() -> None:
    finders = (Finder(inventory(*names(FILE)).storage), Finder(inventory(*ON_CLONE).storage))
    candidates = {b"a": changed(names(FILE)[0]), b"c": in_step(names(FILE)[2])}
    verdicts = {b"a": Verdict(Outcome.COPY, ""), b"c": Verdict(Outcome.IN_STEP, "")}
    _, decided = join_linked_names(candidates, verdicts, LINKS, frozenset(), finders)
    assert "/a," in decided[b"d/b"].reason
    assert "/a," in decided[b"c"].reason
    assert decided[b"a"].reason == ""


def test_a_candidate_that_is_in_step_is_copied_with_the_other_name() -> None:
    candidates = [changed(names(FILE)[0]), in_step(names(FILE)[2])]
    found, decided = joined(candidates, {b"a": Outcome.COPY, b"c": Outcome.IN_STEP})
    assert decided == dict.fromkeys(FILE, Outcome.COPY)
    assert found[b"c"] is candidates[1]


def test_a_name_that_is_held_stays_held() -> None:
    candidates = [changed(names(FILE)[0]), changed_on_both(names(FILE)[2])]
    for held in (Outcome.TARGET_CHANGED, Outcome.LOCATION, Outcome.CLONE_ONLY):
        _, decided = joined(candidates, {b"a": Outcome.COPY, b"c": held})
        assert decided == {b"a": Outcome.COPY, b"c": held, b"d/b": Outcome.COPY}


def test_nothing_joins_what_is_not_copied() -> None:
    for outcome in (Outcome.IN_STEP, Outcome.TARGET_CHANGED, Outcome.ERASED):
        found, decided = joined([changed(names(FILE)[0])], {b"a": outcome})
        assert found.keys() == {b"a"}
        assert decided == {b"a": outcome}


def test_nothing_is_decided_about_what_is_unknown_or_not_on_the_clone() -> None:
    copied = {b"a": Outcome.COPY}
    found, decided = joined([new(names(FILE)[0])], copied, unknown=frozenset({b"c"}))
    assert found.keys() == decided.keys() == {b"a", b"d/b"}
    found, decided = joined([new(names(FILE)[0])], copied, clone=[b"a", b"c"])
    assert found.keys() == decided.keys() == {b"a", b"c"}


def test_a_file_of_one_name_joins_nothing() -> None:
    found, decided = joined([new(file(b"z"))], {b"z": Outcome.COPY})
    assert found.keys() == decided.keys() == {b"z"}


def test_where_nothing_that_differs_has_several_names_all_stays_as_it_is() -> None:
    candidates = [changed(names(FILE)[0]), in_step(names(FILE)[2])]
    verdicts = {b"a": Outcome.COPY, b"c": Outcome.IN_STEP}
    found, decided = joined(candidates, verdicts, known=None)
    assert found == {b"a": candidates[0], b"c": candidates[1]}
    assert decided == verdicts
