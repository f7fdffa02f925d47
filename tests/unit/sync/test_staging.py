"""The staging directories: where what rsync copies lies, for each volume of the clone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.entries import PAIR
from unit.sync.jobs import Sides

from drdwrap.errors import DrdwrapError
from drdwrap.sync.staging import Staging, remove_tree


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    found = Sides(tmp_path)
    (found.clone / "var").mkdir()
    return found


@pytest.fixture
def staging(sides: Sides) -> Staging:
    return Staging(sides.trees, PAIR)


@pytest.mark.parametrize(
    ("path", "new", "old"),
    [
        (b"a", b".drdwrap.tmp/new/a", b".drdwrap.tmp/old/a"),
        (b"d/a", b".drdwrap.tmp/new/d/a", b".drdwrap.tmp/old/d/a"),
        (b"var/a", b"var/.drdwrap.tmp/new/var/a", b"var/.drdwrap.tmp/old/var/a"),
        (b"various", b".drdwrap.tmp/new/various", b".drdwrap.tmp/old/various"),
    ],
)
def test_a_path_lies_on_the_volume_that_it_will_be_on_under_its_whole_path(
    staging: Staging, path: bytes, new: bytes, old: bytes
) -> None:
    root = staging.trees.clone.root
    assert staging.new(path) == root + b"/" + new
    assert staging.old(path) == root + b"/" + old


def test_an_entry_has_the_path_that_it_will_have(staging: Staging) -> None:
    assert staging.entry(b"var/d/a") is None
    staging.make_parents(b"var", [b"var/d/a"])
    Path(os.fsdecode(staging.new(b"var/d/a"))).write_text("new")
    entry = staging.entry(b"var/d/a")
    assert entry is not None
    assert (entry.path, entry.size) == (b"var/d/a", 3)


def test_the_directories_above_a_path_are_made_and_are_nobody_elses_to_enter(
    staging: Staging,
) -> None:
    staging.make_parents(b"", [b"d/e/a", b"d/b", b"c"])
    staging.make_parents(b"", [b"d/f/a"])  # what is there already stays
    root = Path(os.fsdecode(staging.new_root(b"")))
    found = {str(path.relative_to(root)) for path in root.rglob("*")}
    assert found == {"d", "d/e", "d/f"}
    assert root.stat().st_mode & 0o7777 == 0o700
    for path in root.rglob("*"):
        assert path.stat().st_mode & 0o7777 == 0o1700


def test_no_directory_is_made_through_a_link(staging: Staging, tmp_path: Path) -> None:
    staging.make_parents(b"", [b"a"])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.symlink(os.fsencode(elsewhere), staging.new(b"d"))
    with pytest.raises(FileExistsError):
        staging.make_parents(b"", [b"d/e/a"])
    assert list(elsewhere.iterdir()) == []


def test_what_is_discarded_is_gone_with_all_below_it(staging: Staging) -> None:
    staging.make_parents(b"", [b"d/e/a", b"f"])
    Path(os.fsdecode(staging.new(b"d/e/a"))).touch()
    Path(os.fsdecode(staging.new(b"f"))).touch()
    for path in (b"f", b"d", b"never/there"):
        staging.discard(path)
        assert staging.entry(path) is None
    assert staging.entry(b"d/e/a") is None


def test_all_staging_directories_are_removed_and_nothing_else(
    staging: Staging, sides: Sides
) -> None:
    sides.write("var/kept")
    for volume in PAIR.volumes:
        staging.make_parents(volume, [os.path.join(volume, b"d/a")])
    staging.remove()
    assert sorted(path.name for path in sides.clone.rglob("*")) == ["kept", "var"]
    staging.remove()  # no error if there is none


@pytest.mark.parametrize("what", ["link", "file"])
def test_what_has_taken_its_place_is_not_drdwraps_and_stays(
    staging: Staging, sides: Sides, what: str
) -> None:
    sides.write("d/a")
    place = sides.clone / "var/.drdwrap.tmp"
    if what == "link":
        place.symlink_to("../d")
    else:
        place.touch()
    with pytest.raises(DrdwrapError) as raised:
        staging.remove()
    assert str(raised.value).startswith(
        "/var/.drdwrap.tmp on the clone cannot be removed: Not a directory"
    )
    assert os.path.lexists(place)
    assert (sides.clone / "d/a").exists()


def test_what_cannot_be_removed_is_named_as_the_clone_sees_it(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replaced rmdir stands for a directory that refuses: only chattr makes one that root cannot
    remove."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    staging.make_parents(b"var", [b"var/a"])
    monkeypatch.setattr(os, "rmdir", refuse)
    with pytest.raises(DrdwrapError) as raised:
        staging.remove()
    assert str(raised.value).startswith(
        "/var/.drdwrap.tmp on the clone cannot be removed: Operation not permitted"
    )


def test_after_an_rsync_that_was_ended_only_what_is_named_is_kept_and_what_leads_to_it(
    staging: Staging,
) -> None:
    paths = [b"d/e/a", b"d/b", b"f/g/c"]
    staging.make_parents(b"", paths)
    for path in (*paths, b"d/e/.a.1Abcde", b".b.1Abcde"):
        Path(os.fsdecode(staging.new(path))).touch()
    staging.keep_only(b"", [b"d/e/a"])
    root = Path(os.fsdecode(staging.new_root(b"")))
    assert {str(path.relative_to(root)) for path in root.rglob("*")} == {"d", "d/e", "d/e/a"}
    staging.keep_only(b"", [])
    assert list(root.iterdir()) == []
    staging.keep_only(b"var", [b"var/a"])  # no error if there is nothing


def test_a_tree_of_any_kind_is_removed(tmp_path: Path) -> None:
    (tmp_path / "d/e").mkdir(parents=True)
    (tmp_path / "d/e/x").touch()
    (tmp_path / "f").touch()
    (tmp_path / "l").symlink_to("d")
    for name in ("l", "f", "d", "nowhere"):
        remove_tree(os.fsencode(tmp_path / name))
        assert not os.path.lexists(tmp_path / name)
        assert (tmp_path / "d/e/x").exists() is (name in ("l", "f"))
