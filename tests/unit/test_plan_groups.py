"""What a plan clears away before the copy, and what it copies in one run of rsync."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from unit.entries import (
    PAIR,
    changed,
    directory,
    edited,
    erased,
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
    together = KeptTogether.of(sets)
    return plan.make(candidates, verdicts, PAIR, deletions, (booted, clone), together)


def cleared(made: Plan) -> list[bytes]:
    return [candidate.path for candidate in made.clearings]


def goes(made: Plan) -> list[tuple[bytes, ...]]:
    return [transfer.paths for transfer in made.transfers]


def test_what_has_another_type_on_the_clone_is_cleared_away() -> None:
    made = planned(
        changed(file(b"a"), directory(b"a")),
        changed(directory(b"b"), symlink(b"b")),
        changed(file(b"c")),
        changed(directory(b"d")),
        new(file(b"e")),
    )
    assert cleared(made) == [b"b", b"a"]
    assert made.copies.keys() == {b"a", b"b", b"c", b"d", b"e"}


def test_a_directory_that_gives_way_is_emptied_before() -> None:
    made = planned(
        changed(directory(b"d"), symlink(b"d")),
        replaced=[erased(file(b"d/x")), erased(directory(b"d/e")), erased(file(b"d/e/y"))],
    )
    assert cleared(made) == [b"d/x", b"d/e/y", b"d/e", b"d"]
    assert made.deletions == ()


def test_what_was_erased_is_removed_innermost_first_if_deletions_are_made() -> None:
    gone = [erased(directory(b"d")), erased(directory(b"d/e")), erased(file(b"d/e/y"))]
    made = planned(erased=gone, others=[changed(file(b"held"))])
    assert [candidate.path for candidate in made.deletions] == [b"d/e/y", b"d/e", b"d"]
    assert made.clearings == ()
    assert made.copies == {}
    assert planned(erased=gone, deletions=False).deletions == ()


ONE_NAME, TWO_NAMES = file(b"a"), file(b"a", links=2)


@pytest.mark.parametrize(
    ("booted", "there", "in_the_way"),
    [
        (edited(ONE_NAME), TWO_NAMES, False),  # rsync makes a new file
        (ONE_NAME._replace(mode=b"600"), TWO_NAMES, True),  # all names would get its mode
        (ONE_NAME, TWO_NAMES, True),  # contents alone
        (ONE_NAME._replace(mode=b"600"), ONE_NAME, False),
        (symlink(b"a")._replace(uid=b"1"), symlink(b"a")._replace(links=2), True),
        (directory(b"a", mode=b"700"), directory(b"a")._replace(links=5), False),
    ],
)
def test_a_file_with_names_that_are_not_copied_is_not_changed_in_place(
    booted: Entry, there: Entry, in_the_way: bool
) -> None:
    made = planned(Candidate(b"a", booted, there, there, there))
    assert cleared(made) == ([b"a"] if in_the_way else [])


def linked(*paths: bytes) -> list[Candidate]:
    """The names of one file of the clone, whose booted one has another mode."""
    return [changed(entry, entry._replace(mode=b"600")) for entry in names(paths)]


def test_names_that_are_linked_alike_and_copied_together_are_not_in_the_way() -> None:
    both = links([b"a", b"b"])
    assert cleared(planned(*linked(b"a", b"b"), booted=both, clone=both)) == []


def test_names_are_in_the_way_where_not_all_are_copied() -> None:
    both = links([b"a", b"b"])
    a, b = linked(b"a", b"b")
    assert cleared(planned(a, others=[b], booted=both, clone=both)) == [b"a"]
    assert cleared(planned(a, booted=both, clone=both)) == [b"a"]


def test_names_are_in_the_way_where_the_booted_system_has_them_not_as_one_file() -> None:
    pair = linked(b"a", b"b")
    apart = planned(*pair, booted=links([b"c", b"d"]), clone=links([b"a", b"b"]))
    assert cleared(apart) == [b"b", b"a"]
    more = planned(*pair, booted=links([b"a", b"b", b"c"]), clone=links([b"a", b"b"]))
    assert cleared(more) == []


def test_names_are_in_the_way_where_the_scan_does_not_see_all_of_them() -> None:
    """One is excluded: what the clone has is linked to more than what is listed."""
    both = links([b"a", b"b"])
    pair = [
        Candidate(c.path, c.booted, c.clone, c.clone and c.clone._replace(links=3), c.clone)
        for c in linked(b"a", b"b")
    ]
    assert cleared(planned(*pair, booted=both, clone=both)) == [b"b", b"a"]


def test_a_file_of_one_name_on_the_clone_is_not_in_the_way_of_links() -> None:
    made = planned(
        changed(file(b"a")), new(file(b"b")), booted=links([b"a", b"b"]), clone=links([b"x", b"y"])
    )
    assert cleared(made) == []


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


def test_the_root_directory_is_copied_by_itself() -> None:
    made = planned(changed(directory(b"")), new(file(b"a")))
    assert b"" in made.copies
    assert goes(made) == [(b"a",)]


def test_a_set_on_two_volumes_is_copied_by_two_runs_of_the_same_kind() -> None:
    made = planned(
        new(file(b"a", size=LARGE)), new(file(b"var/b")), new(file(b"c")), sets=[["/a", "/var/b"]]
    )
    assert [(t.phase, t.volume, t.paths) for t in made.transfers] == [
        (Phase.ORDINARY, b"", (b"c",)),
        (Phase.LARGE, b"", (b"a",)),
        (Phase.LARGE, b"var", (b"var/b",)),
    ]


def alike(path: bytes, size: int = 10) -> Candidate:
    """Different in contents alone."""
    here = file(path, size=size)
    return Candidate(path, here, here, here, here, "contents")


def test_all_names_of_a_file_go_by_checksum_if_one_does() -> None:
    made = planned(
        alike(b"a"), new(file(b"b")), new(file(b"c")), booted=links([b"a", b"b", b"absent"])
    )
    assert [(t.phase, t.paths) for t in made.transfers] == [
        (Phase.ORDINARY, (b"c",)),
        (Phase.BY_CONTENTS, (b"a", b"b")),
    ]
    made = planned(alike(b"a", LARGE), new(file(b"c")))
    assert [t.phase for t in made.transfers] == [Phase.ORDINARY, Phase.LARGE_BY_CONTENTS]


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
