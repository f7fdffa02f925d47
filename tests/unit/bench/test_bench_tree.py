"""The seeded tree of the bench."""

import os
from pathlib import Path

import pytest

from bench import tree

FILES = 3000
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to other owners")


def listing(root: Path) -> list[tuple[str, int, int, int, int, bytes | str]]:
    """Every name with what makes it what it is, times of directories excepted."""
    found = []
    for path in sorted(root.rglob("*")):
        facts = path.lstat()
        contents: bytes | str = ""
        if path.is_symlink():
            contents = str(path.readlink())
        elif path.is_file():
            contents = path.read_bytes()
        name = str(path.relative_to(root))
        found.append((name, facts.st_mode, facts.st_uid, facts.st_gid, facts.st_nlink, contents))
    return found


def build(root: Path, seed: int = 7) -> tree.Tree:
    root.mkdir()
    return tree.build(root, FILES, seed)


def test_the_same_seed_gives_the_same_tree(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")
    assert first == second
    assert listing(tmp_path / "a") == listing(tmp_path / "b")


def test_another_seed_gives_other_names(tmp_path: Path) -> None:
    assert build(tmp_path / "a", 7).regular != build(tmp_path / "b", 8).regular


def test_the_count_of_entries_is_what_is_there(tmp_path: Path) -> None:
    built = build(tmp_path / "a")
    assert built.entries == len(list((tmp_path / "a").rglob("*")))
    assert built.entries == FILES + tree.directory_count(FILES) + 2


def test_links_and_attributes_are_there_in_about_their_shares(tmp_path: Path) -> None:
    build(tmp_path / "a")
    paths = list((tmp_path / "a").rglob("*"))
    links = [path for path in paths if path.is_symlink()]
    files = [path for path in paths if path.is_file() and not path.is_symlink()]
    assert 0.03 < len(links) / FILES < 0.07
    assert any(path.lstat().st_nlink > 1 for path in files)
    attributes = [name for path in files for name in os.listxattr(path)]
    assert {"user.origin", tree.ACL_ATTRIBUTE} <= set(attributes)


def test_a_change_moves_contents_and_time_of_its_share_alone(tmp_path: Path) -> None:
    root = tmp_path / "a"
    built = build(root)
    before = {path: (root / path).lstat().st_mtime_ns for path in built.regular}
    assert tree.change(root, built.regular, 0.01, seed=1) == round(len(built.regular) * 0.01)
    # Files of one hard link count once: the other names are not in the list.
    moved = [path for path, mtime in before.items() if (root / path).lstat().st_mtime_ns != mtime]
    assert len(moved) == round(len(built.regular) * 0.01)


def test_no_name_is_given_twice_where_words_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "_words", lambda _rng: ["ala", "bara", "cora"])
    monkeypatch.setattr(tree, "EXTENSIONS", ("",))
    built = build(tmp_path / "a")
    assert built.entries == len(list((tmp_path / "a").rglob("*")))
