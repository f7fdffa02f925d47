"""What a plan copies, links and sets in place, and what it copies in one run of rsync."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from unit.entries import (
    PAIR,
    changed,
    directory,
    edited,
    erased,
    erased_on_clone,
    file,
    links,
    names,
    new,
    symlink,
)

from drdwrap import plan
from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory.entry import Entry
from drdwrap.plan import LARGE, Phase, Plan, Transfer
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.trimming import Verdict


def planned(
    *copied: Candidate,
    erased: Iterable[Candidate] = (),
    replaced: Iterable[Candidate] = (),
    others: Iterable[Candidate] = (),
    deletions: bool = True,
    booted: LinkGroups | None = None,
    clone: LinkGroups | None = None,
    sets: Sequence[Sequence[str]] = (),
) -> Plan:
    candidates, verdicts = {}, {}
    for outcome, some in (
        (Outcome.COPY, copied),
        (Outcome.ERASED, erased),
        (Outcome.REPLACED, replaced),
        (Outcome.TARGET_CHANGED, others),
    ):
        for candidate in some:
            candidates[candidate.path] = candidate
            verdicts[candidate.path] = Verdict(outcome, "")
    together = KeptTogether.of([[text.encode() for text in one] for one in sets])
    return plan.make(candidates, verdicts, PAIR, deletions, (booted, clone), together)


def goes(made: Plan) -> list[tuple[bytes, ...]]:
    return [transfer.paths for transfer in made.transfers]


def copied(made: Plan) -> set[bytes]:
    return {path for transfer in made.transfers for path in transfer.paths}


def with_another_mode(entry: Entry) -> Candidate:
    return changed(entry, entry._replace(mode=b"700"))


def alike(path: bytes, hidden: str, size: int = 10) -> Candidate:
    """Alike to the eye; a look has found what differs."""
    here = file(path, size=size)
    return Candidate(path, here, here, here, here, hidden)


def test_a_directory_that_stays_one_is_set_in_place() -> None:
    made = planned(
        with_another_mode(directory(b"")),
        with_another_mode(directory(b"d")),
        new(directory(b"e")),
        erased_on_clone(directory(b"f")),
    )
    assert made.adjustments == (b"", b"d")
    assert copied(made) == {b"e", b"f"}
    assert made.copies.keys() == {b"", b"d", b"e", b"f"}
    assert made.links == {}


def test_what_has_another_type_is_copied() -> None:
    made = planned(
        changed(file(b"a"), directory(b"a")),
        changed(directory(b"b"), symlink(b"b")),
        changed(file(b"c"), symlink(b"c")),
    )
    assert copied(made) == {b"a", b"b", b"c"}
    assert made.adjustments == ()


def test_a_file_of_which_attributes_alone_differ_is_set_in_place() -> None:
    made = planned(
        with_another_mode(file(b"mode")),
        alike(b"attributes", "attributes"),
        alike(b"contents", "contents"),
        changed(file(b"size"), file(b"size", size=11)),
        changed(file(b"time"), file(b"time", mtime=b"99.0")),
        with_another_mode(symlink(b"link")),
    )
    assert made.adjustments == (b"attributes", b"mode")
    assert copied(made) == {b"contents", b"size", b"time", b"link"}


def test_a_file_with_names_that_the_scan_does_not_know_is_not_set_in_place() -> None:
    """All its names would get the new mode."""
    two = file(b"a", links=2)
    assert copied(planned(with_another_mode(two))) == {b"a"}
    grown = Candidate(b"a", file(b"a", mode=b"700"), two, two, two)
    assert copied(planned(grown)) == {b"a"}
    shrunk = Candidate(b"a", two._replace(mode=b"700"), file(b"a"), file(b"a"), file(b"a"))
    assert planned(shrunk).adjustments == (b"a",)


def test_links_of_other_types_count_likewise_and_those_of_a_directory_do_not() -> None:
    two, five = symlink(b"a")._replace(links=2), directory(b"b")._replace(links=5)
    made = planned(changed(two, symlink(b"a")._replace(uid=b"1")), with_another_mode(five))
    assert copied(made) == {b"a"}
    assert made.adjustments == (b"b",)


def linked(*paths: bytes) -> list[Candidate]:
    """The names of one file of the clone, whose booted one has another mode."""
    return [with_another_mode(entry) for entry in names(paths)]


def test_names_that_are_linked_alike_and_copied_together_are_set_in_place() -> None:
    both = links([b"a", b"b"])
    made = planned(*linked(b"a", b"b"), booted=both, clone=both)
    assert made.adjustments == (b"a", b"b")
    assert made.links == {}
    assert made.transfers == ()


def test_names_are_copied_where_not_all_of_them_are_to_change() -> None:
    both = links([b"a", b"b"])
    a, b = linked(b"a", b"b")
    assert copied(planned(a, others=[b], booted=both, clone=both)) == {b"a"}
    assert copied(planned(a, booted=both, clone=both)) == {b"a"}


def test_names_are_copied_where_the_booted_system_has_them_not_as_one_file() -> None:
    apart = planned(*linked(b"a", b"b"), booted=links([b"c", b"d"]), clone=links([b"a", b"b"]))
    assert copied(apart) == {b"a", b"b"}
    there, here = links([b"a", b"b"]), links([b"a", b"b", b"c"])
    assert planned(*linked(b"a", b"b"), booted=here, clone=there).adjustments == (b"a", b"b")


def test_names_are_copied_where_the_scan_does_not_see_all_of_them() -> None:
    """One is excluded: what the clone has is linked to more than what is listed."""
    both = links([b"a", b"b"])
    pair = [replace(c, clone=c.clone and c.clone._replace(links=3)) for c in linked(b"a", b"b")]
    assert copied(planned(*pair, booted=both, clone=both)) == {b"a", b"b"}


def test_a_further_name_of_a_file_that_the_clone_has_is_made_there() -> None:
    there, here = links([b"a", b"c"]), links([b"a", b"b", b"c"])
    made = planned(*linked(b"a", b"c"), new(file(b"b", links=3)), booted=here, clone=there)
    assert made.links == {b"b": b"a"}
    assert made.adjustments == (b"a", b"c")
    assert made.transfers == ()


def test_two_files_of_the_clone_that_are_to_be_one_become_the_first() -> None:
    pair = [
        Candidate(p, file(p, mode=b"700", links=2), file(p), file(p), file(p)) for p in (b"a", b"b")
    ]
    made = planned(*pair, booted=links([b"a", b"b"]), clone=links([b"x", b"y"]))
    assert made.links == {b"b": b"a"}
    assert made.adjustments == (b"a",)


def test_no_name_is_made_of_a_file_that_is_copied() -> None:
    a, b = (new(entry) for entry in names([b"a", b"b"]))
    made = planned(a, b, booted=links([b"a", b"b"]), clone=links([b"x", b"y"]))
    assert made.links == {}
    assert goes(made) == [(b"a", b"b")]


def test_a_name_that_is_not_to_be_copied_is_not_made() -> None:
    a, b = (
        Candidate(p, file(p, mode=b"700", links=2), file(p), file(p), file(p)) for p in (b"a", b"b")
    )
    made = planned(a, others=[b], booted=links([b"a", b"b"]), clone=links([b"x", b"y"]))
    assert made.adjustments == (b"a",)
    assert made.links == {}


def test_what_goes_with_a_directory_is_no_deletion() -> None:
    made = planned(
        changed(directory(b"d"), symlink(b"d")),
        replaced=[erased(file(b"d/x")), erased(directory(b"d/e")), erased(file(b"d/e/y"))],
    )
    assert made.replaced.keys() == {b"d/x", b"d/e", b"d/e/y"}
    assert made.deletions == ()
    assert made.copies.keys() == {b"d"}


def test_what_was_erased_is_removed_innermost_first_if_deletions_are_made() -> None:
    gone = [erased(directory(b"d")), erased(directory(b"d/e")), erased(file(b"d/e/y"))]
    made = planned(erased=gone, others=[changed(file(b"held"))])
    assert [candidate.path for candidate in made.deletions] == [b"d/e/y", b"d/e", b"d"]
    assert made.replaced == made.copies == {}
    assert planned(erased=gone, deletions=False).deletions == ()


def test_all_names_of_a_file_are_copied_in_one_run_after_single_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "SLICE", 1)
    files = [new(file(path, links=2)) for path in (b"a", b"d", b"m", b"z")]
    made = planned(*files, new(file(b"n")), booted=links([b"a", b"z"], [b"d", b"m"]))
    assert goes(made) == [(b"n",), (b"a", b"z"), (b"d", b"m")]


def test_a_file_in_a_set_brings_its_other_names_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "SLICE", 1)
    files = [new(file(path)) for path in (b"a", b"x.db", b"x.db-wal", b"z")]
    made = planned(*files, booted=links([b"a", b"x.db"]))
    assert goes(made) == [(b"z",), (b"a", b"x.db", b"x.db-wal")]
    made = planned(*files, sets=[["/a", "/z"]])
    assert goes(made) == [(b"a", b"z"), (b"x.db", b"x.db-wal")]


def test_directories_come_before_what_they_hold_and_in_no_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "SLICE", 1)
    mysql = b"var/lib/mysql"
    made = planned(
        new(file(mysql + b"/b")), new(directory(mysql)), new(file(mysql + b"/a")), new(file(b"z"))
    )
    assert [t.volume for t in made.transfers] == [b"", b"var", b"var"]
    assert goes(made)[1:] == [(mysql,), (mysql + b"/a", mysql + b"/b")]


def test_a_set_on_two_volumes_is_copied_by_two_runs_of_the_same_kind() -> None:
    made = planned(
        new(file(b"a", size=LARGE)), new(file(b"var/b")), new(file(b"c")), sets=[["/a", "/var/b"]]
    )
    assert [(t.phase, t.volume, t.paths) for t in made.transfers] == [
        (Phase.ORDINARY, b"", (b"c",)),
        (Phase.LARGE, b"", (b"a",)),
        (Phase.LARGE, b"var", (b"var/b",)),
    ]


def test_the_root_directory_is_never_in_rsyncs_list() -> None:
    made = planned(with_another_mode(directory(b"")), new(file(b"a")))
    assert b"" in made.copies
    assert goes(made) == [(b"a",)]


def test_what_differs_in_contents_alone_is_copied_like_anything_else() -> None:
    made = planned(
        alike(b"a", "contents"), alike(b"b", "contents", LARGE), new(file(b"c")), new(file(b"d"))
    )
    assert [(t.phase, t.paths) for t in made.transfers] == [
        (Phase.ORDINARY, (b"a", b"c", b"d")),
        (Phase.LARGE, (b"b",)),
    ]


def test_what_is_copied_after_all_brings_no_other_paths_along() -> None:
    """Files whose attributes were set in place, and whose contents turn out to differ."""
    copies = {c.path: c for c in linked(b"a", b"b")} | {b"d": new(directory(b"d"))}
    alone = {b"c": with_another_mode(file(b"c")), b"d/e": new(file(b"d/e"))}
    copied = {path: copies[path] for path in (b"a", b"b")} | alone
    (transfer,) = plan.transfers_of(
        copied, copies | alone, PAIR, links([b"a", b"b"]), KeptTogether()
    )
    assert transfer.paths == (b"a", b"b", b"c", b"d/e")
    assert transfer.independent == {b"c"}  # the others are linked, or in a directory that is new


def test_a_dry_run_compares_by_contents_what_is_alike_to_the_eye() -> None:
    made = planned(
        changed(edited(directory(b""))),
        alike(b"b", "contents"),
        with_another_mode(file(b"a")),
        new(file(b"d")),
        changed(file(b"c")),
    )
    assert list(made.compared()) == [(False, (b"c", b"d")), (True, (b"a", b"b"))]
    assert list(planned(new(file(b"a"))).compared()) == [(False, (b"a",))]
    assert list(planned(alike(b"a", "contents")).compared()) == [(True, (b"a",))]
    assert list(planned(with_another_mode(directory(b""))).compared()) == []
    there = symlink(b"a")._replace(size=10)
    for candidate in (changed(there, file(b"a")), changed(file(b"a"), there)):
        assert list(planned(candidate).compared()) == [(False, (b"a",))]


def test_files_in_directories_that_are_there_can_be_copied_in_any_order() -> None:
    made = planned(
        new(directory(b"d")),
        new(file(b"d/in-a-new-one")),
        new(file(b"e/alone")),
        new(file(b"f/linked", links=2)),
        new(symlink(b"g")),
    )
    (transfer,) = made.transfers
    assert transfer.independent == {b"e/alone"}


def test_two_halves_have_all_paths_and_the_second_only_such_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "WORTH_TWO", 3)
    paths = tuple(b"%d" % number for number in range(7))
    for free in (paths, paths[::2], paths[4:]):
        transfer = Transfer(b"var", Phase.LARGE, paths, frozenset(free))
        first, second = transfer.halves()
        assert sorted(first.paths + second.paths) == list(paths)
        assert list(first.paths) == sorted(first.paths)
        assert set(second.paths) <= set(free)
        assert len(second.paths) == 3
        assert (second.volume, second.phase) == (b"var", Phase.LARGE)
    one = Transfer(b"", Phase.ORDINARY, paths, frozenset(paths[:2]))
    assert one.halves() == (one,)


def test_a_linked_file_is_counted_once_among_the_bytes() -> None:
    made = planned(
        *(new(entry) for entry in names([b"a", b"b"], [b"x", b"y"])),
        new(file(b"c", size=7)),
        new(file(b"d", size=7)),
        new(symlink(b"l")),
        new(directory(b"e")),
        erased=[erased(file(b"f"))],
    )
    assert made.bytes_to_be_copied == 10 + 10 + 7 + 7
