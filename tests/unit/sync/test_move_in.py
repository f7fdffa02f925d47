"""What goes to its place on the clone or is taken from it, on a real file system: a change of the
administrator's at that very moment is never lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from unit.entries import PAIR, erased, file
from unit.sync.jobs import Sides

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import Entry
from drdwrap.linux import directories
from drdwrap.record.intent import Move
from drdwrap.sync import move_in as module
from drdwrap.sync.move_in import CHANGED, is_same, move_in, put_back, rename_new, take_out
from drdwrap.sync.staging import Staging


class Clone(Sides):
    """A clone with a staging directory."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        for side in (self.booted, self.clone):
            (side / "var").mkdir()
        self.staging = Staging(self.trees, PAIR)

    def stage(self, path: bytes, text: str = "new") -> Entry:
        """Let rsync have copied this file."""
        self.staging.make_parents(PAIR.volume_of(path), [path])
        Path(os.fsdecode(self.staging.new(path))).write_text(text)
        entry = self.staging.entry(path)
        assert entry is not None
        return entry

    def move_in(self, path: bytes, below: Iterable[Candidate] = ()) -> str:
        return move_in(self.staging, path, self.on_clone(path), {c.path: c for c in below})

    def text(self, path: str) -> str:
        return (self.clone / path).read_text()

    def is_staged(self, path: bytes) -> bool:
        return os.path.lexists(self.staging.new(path))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.mark.parametrize("path", [b"a", b"var/a"])
def test_a_new_file_goes_where_nothing_is(clone: Clone, path: bytes) -> None:
    staged = clone.stage(path)
    assert clone.move_in(path) == ""
    now = clone.on_clone(path)
    assert now is not None
    assert is_same(now, staged)
    assert not clone.is_staged(path)


def test_it_does_not_go_where_something_has_appeared(clone: Clone) -> None:
    clone.stage(b"a")
    (clone.clone / "a").write_text("mine")
    assert move_in(clone.staging, b"a", None, {}) == CHANGED
    assert clone.text("a") == "mine"


def test_a_file_changes_places_with_the_old_one_which_goes(clone: Clone) -> None:
    clone.write("a")
    clone.stage(b"a")
    assert clone.move_in(b"a") == ""
    assert clone.text("a") == "new"
    assert not clone.is_staged(b"a")


@pytest.mark.parametrize("how", ["written", "replaced", "another mode"])
def test_what_somebody_changed_at_that_moment_comes_back(clone: Clone, how: str) -> None:
    clone.write("a")
    clone.stage(b"a")
    before = clone.on_clone(b"a")
    if how == "replaced":
        (clone.clone / "b").write_text("old")
        os.utime(clone.clone / "b", (100, 100))
        (clone.clone / "b").rename(clone.clone / "a")
    elif how == "written":
        (clone.clone / "a").write_text("mine")
    else:
        (clone.clone / "a").chmod(0o600)
    mine = clone.on_clone(b"a")
    assert move_in(clone.staging, b"a", before, {}) == CHANGED
    now = clone.on_clone(b"a")
    assert now is not None
    assert mine is not None
    assert is_same(now, mine)
    assert clone.is_staged(b"a")


@pytest.fixture
def below(clone: Clone) -> list[Candidate]:
    """`d` is to become a file; these are to go with it."""
    clone.write("d/x")
    clone.write("d/e/y")
    clone.stage(b"d")
    found = (clone.on_clone(path) for path in (b"d/x", b"d/e", b"d/e/y"))
    return [erased(entry) for entry in found if entry is not None]


def test_a_directory_goes_with_all_that_is_in_it_as_it_was(
    clone: Clone, below: list[Candidate]
) -> None:
    assert clone.move_in(b"d", below) == ""
    assert clone.text("d") == "new"
    assert not clone.is_staged(b"d")


@pytest.mark.parametrize("name", ["mine", "e/mine", "x", "e/y"])
def test_a_directory_comes_back_with_what_is_not_as_it_was(
    clone: Clone, below: list[Candidate], name: str
) -> None:
    (clone.clone / "d" / name).write_text("mine")
    assert clone.move_in(b"d", below) == CHANGED
    assert clone.text(f"d/{name}") == "mine"
    assert clone.text("d/x") == ("mine" if name == "x" else "old")


def test_a_directory_comes_back_with_what_is_not_known_to_go(
    clone: Clone, below: list[Candidate]
) -> None:
    assert clone.move_in(b"d", below[:2]) == CHANGED
    assert clone.text("d/e/y") == "old"


@pytest.mark.parametrize(
    ("out", "same"),
    [
        ({}, True),
        ({"ctime": b"900.0"}, True),
        ({"links": 2}, True),
        ({"inode": b"6"}, False),
        ({"size": 9}, False),
        ({"mode": b"600"}, False),
        ({"mtime": b"900.0"}, False),
    ],
)
def test_what_came_out_is_the_same_if_only_its_change_time_moved(
    out: dict[str, object], same: bool
) -> None:
    before = file(b"a")
    assert is_same(before._replace(**out), before) is same  # type: ignore[arg-type]


def test_what_was_erased_is_taken_out(clone: Clone) -> None:
    for path in (b"d/x", b"var/d/x"):
        clone.write(os.fsdecode(path))
        before = clone.on_clone(path)
        assert before is not None
        assert take_out(clone.staging, path, before) == ""
        assert clone.on_clone(path) is None
        assert not os.path.lexists(clone.staging.old(path))


def test_what_somebody_changed_while_it_was_taken_out_is_put_back(clone: Clone) -> None:
    clone.write("d/x")
    before = clone.on_clone(b"d/x")
    assert before is not None
    (clone.clone / "d/x").write_text("mine")
    assert take_out(clone.staging, b"d/x", before) == CHANGED
    assert clone.text("d/x") == "mine"
    assert not os.path.lexists(clone.staging.old(b"d/x"))


@pytest.mark.parametrize("changed", [False, True])
def test_on_a_full_clone_it_is_taken_out_beside_its_place(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    clone.write("d/x")
    before = clone.on_clone(b"d/x")
    assert before is not None
    if changed:
        (clone.clone / "d/x").write_text("mine")

    def full(path: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    monkeypatch.setattr(directories, "make", full)
    assert take_out(clone.staging, b"d/x", before) == (CHANGED if changed else "")
    assert os.listdir(clone.clone / "d") == (["x"] if changed else [])
    if changed:
        assert clone.text("d/x") == "mine"


def test_after_a_kill_a_deep_tree_that_was_taken_out_is_looked_through(clone: Clone) -> None:
    out = Path(os.fsdecode(clone.staging.old(b"d")))
    out.mkdir(parents=True)
    here = os.open(out, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (clone.clone / "d").mkdir()
    (out / "x").write_text("mine")
    assert put_back(clone.staging, []) == [b"d/x"]
    assert clone.text("d/x") == "mine"
    clone.staging.remove()


def test_nothing_is_renamed_over_what_is_there(clone: Clone) -> None:
    (clone.clone / "a").write_text("a")
    (clone.clone / "b").write_text("b")
    root = clone.trees.clone.root
    with pytest.raises(FileExistsError):
        rename_new(root + b"/a", root + b"/b")
    assert (clone.text("a"), clone.text("b")) == ("a", "b")
    rename_new(root + b"/a", root + b"/c")
    assert clone.text("c") == "a"


def killed_after_a_move(clone: Clone, *, expected: bool) -> list[Move]:
    """A run has let `a` change places, and was killed before it looked at what came out: that is
    what was to be replaced, or (not `expected`) somebody's change."""
    clone.write("a")
    before = clone.on_clone(b"a")
    if not expected:
        (clone.clone / "a").write_text("mine")
    staged = clone.stage(b"a")
    place, new = clone.clone / "a", Path(os.fsdecode(clone.staging.new(b"a")))
    old = place.rename(clone.clone / "out")
    new.rename(place)
    old.rename(new)
    return [Move(staged, frozenset(), before)]


def test_after_a_kill_what_was_not_expected_comes_back(clone: Clone) -> None:
    assert put_back(clone.staging, killed_after_a_move(clone, expected=False)) == [b"a"]
    assert clone.text("a") == "mine"


def test_after_a_kill_what_was_expected_stays_out(clone: Clone) -> None:
    assert put_back(clone.staging, killed_after_a_move(clone, expected=True)) == []
    assert clone.text("a") == "new"


def test_of_several_moves_of_a_path_each_may_have_been_the_last(clone: Clone) -> None:
    (move,) = killed_after_a_move(clone, expected=True)
    other = Move(move.staged._replace(inode=b"1"), frozenset(), None)
    assert put_back(clone.staging, [other, move]) == []
    assert clone.text("a") == "new"


def test_after_a_kill_what_was_not_moved_yet_stays_where_it_is(clone: Clone) -> None:
    clone.write("a")
    moves = [Move(clone.stage(b"a"), frozenset(), clone.on_clone(b"a"))]
    assert put_back(clone.staging, moves) == []
    assert clone.text("a") == "old"


def test_after_a_kill_what_the_clone_has_made_anew_since_stays(clone: Clone) -> None:
    moves = killed_after_a_move(clone, expected=False)
    (clone.clone / "a").unlink()
    (clone.clone / "a").write_text("newer still")
    assert put_back(clone.staging, moves) == []
    assert clone.text("a") == "newer still"


def test_after_a_kill_a_directory_that_gave_way_comes_back(clone: Clone) -> None:
    """Nobody has looked at what is in it."""
    clone.write("a/x")
    before = clone.on_clone(b"a")
    staged = clone.stage(b"a")
    place, new = clone.clone / "a", Path(os.fsdecode(clone.staging.new(b"a")))
    old = place.rename(clone.clone / "out")
    new.rename(place)
    old.rename(new)
    assert put_back(clone.staging, [Move(staged, frozenset(), before)]) == [b"a"]
    assert clone.text("a/x") == "old"


@pytest.mark.parametrize("replaced", [False, True])
def test_after_a_kill_a_directory_of_the_staging_is_not_taken_for_what_was_there(
    clone: Clone, replaced: bool
) -> None:
    """A directory was moved in; then something was to be copied into it, and the run was killed."""
    if replaced:
        clone.write("a")
    before = clone.on_clone(b"a")
    clone.staging.make_parents(b"", [b"a/x"])
    os.chmod(clone.staging.new(b"a"), 0o755)
    staged = clone.staging.entry(b"a")
    assert staged is not None
    assert clone.move_in(b"a") == ""
    clone.stage(b"a/x")
    assert put_back(clone.staging, [Move(staged, frozenset(), before)]) == []
    assert (clone.clone / "a").stat().st_mode & 0o7777 == 0o755


def test_what_was_replaced_and_cannot_be_removed_is_no_failure_of_the_move(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in its place, and the record has to say so."""
    clone.write("a")
    clone.stage(b"a")

    def fail(_: bytes) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(module, "remove_tree", fail)
    assert clone.move_in(b"a") == ""
    assert clone.text("a") == "new"


def test_after_a_kill_what_was_being_erased_comes_back_where_its_directory_is(
    clone: Clone,
) -> None:
    clone.write("d/x")
    for path in (b"d/x", b"gone/y"):
        out = Path(os.fsdecode(clone.staging.old(path)))
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("mine")
    (clone.clone / "d/x").unlink()
    assert put_back(clone.staging, []) == [b"d/x"]
    assert clone.text("d/x") == "mine"
    assert not (clone.clone / "gone").exists()


@pytest.mark.parametrize("changed", [False, True])
def test_after_a_kill_what_was_erased_comes_back_only_if_it_was_changed(
    clone: Clone, changed: bool
) -> None:
    """The kill came between the two steps of the removal. Back in its place, it would look like a
    change of the clone's own: the rename has moved its change time."""
    clone.write("d/x")
    entries = [clone.on_clone(path) for path in (b"", b"d", b"d/x")]
    recorded = b"".join(entry.line + b"\0" for entry in entries if entry)
    if changed:
        (clone.clone / "d/x").write_text("mine")
    out = os.fsdecode(clone.staging.old(b"d/x"))
    os.makedirs(os.path.dirname(out))
    (clone.clone / "d/x").rename(out)
    assert put_back(clone.staging, [], recorded) == ([b"d/x"] if changed else [])
    assert (clone.clone / "d/x").exists() is changed


def test_after_a_whole_run_there_is_nothing_to_put_back(clone: Clone) -> None:
    clone.write("a")
    moves = [Move(clone.stage(b"a"), frozenset(), clone.on_clone(b"a"))]
    assert clone.move_in(b"a") == ""
    assert put_back(clone.staging, moves) == []
    assert clone.text("a") == "new"
    moves = [Move(clone.stage(b"b"), frozenset(), None)]
    assert put_back(clone.staging, moves) == []
    assert clone.on_clone(b"b") is None


def test_what_was_being_erased_stays_out_where_the_clone_has_made_it_anew(clone: Clone) -> None:
    clone.write("d/x")
    out = Path(os.fsdecode(clone.staging.old(b"d/x")))
    out.parent.mkdir(parents=True)
    out.write_text("older")
    assert put_back(clone.staging, []) == []
    assert clone.text("d/x") == "old"
