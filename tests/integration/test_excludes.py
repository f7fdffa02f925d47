"""``exclude_list``: names anywhere, paths from the root, patterns of either."""

from __future__ import annotations

import pytest

from drdwrap.inventory.finder import Finder

from .lab.files import put
from .lab.moments import before
from .lab.pair import Pair
from .lab.rsync import interpose, interposed

NAMES = [
    "srv/core",
    "srv/deep/core",
    "srv/core.1",
    "srv/deep/core/inside",
    "srv/score",
    "srv/a.bak",
    "srv/deep/a.bak",
    "srv/a.bak/inside",
    "srv/A.BAK",
    "opt/app/cache/x",
    "opt/app/cache",
    "opt/other/cache/x",
    "home/opt/app/cache/x",
    "opt/app/log.1",
    "opt/app/log.22",
    "opt/app/logs/log.1",
]

CASES = [
    ("core", {"srv/core", "srv/deep/core", "srv/deep/core/inside"}),
    ("*.bak", {"srv/deep/a.bak", "srv/a.bak/inside", "srv/a.bak"}),
    ("/opt/app/cache", {"opt/app/cache/x", "opt/app/cache"}),
    ("/opt/*/cache", {"opt/app/cache/x", "opt/app/cache", "opt/other/cache", "opt/other/cache/x"}),
    ("/opt/app/log.?", {"opt/app/log.1"}),
    ("/opt/app/log.[0-9]", {"opt/app/log.1"}),
    ("log.[!1]*", {"opt/app/log.22"}),
    ("/srv", {name for name in NAMES if name.startswith("srv")} | {"srv", "srv/deep"}),
    ("/nowhere", set()),
]


def build(pair: Pair) -> set[str]:
    """Make the tree of NAMES, where a name with something below it is a directory."""
    for name in NAMES:
        if not any(other.startswith(f"{name}/") for other in NAMES):
            put(pair.booted, name)
    return {
        str(path.relative_to(pair.booted))
        for path in pair.booted.rglob("*")
        if path.name != "lost+found"
    }


@pytest.mark.parametrize(("entry", "excluded"), CASES, ids=[case[0] for case in CASES])
def test_an_entry_covers_what_it_matches_and_all_below(
    pair: Pair, entry: str, excluded: set[str]
) -> None:
    everything = build(pair)
    put(pair.clone, "own")
    pair.configure(exclude_list=[entry])
    pair.sync()
    listed = {path.decode()[1:] for path in pair.report("to_be_copied")}
    assert listed == everything - excluded
    there = {
        str(path.relative_to(pair.clone))
        for path in pair.clone.rglob("*")
        if path.name != "lost+found"
    }
    assert there == listed | {"own"}


@pytest.mark.parametrize(("entry", "excluded"), CASES, ids=[case[0] for case in CASES])
def test_the_fill_leaves_out_the_same(pair: Pair, entry: str, excluded: set[str]) -> None:
    everything = build(pair)
    pair.configure(exclude_list=[entry])
    pair.clone_fill()
    there = {
        str(path.relative_to(pair.clone))
        for path in pair.clone.rglob("*")
        if path.name != "lost+found"
    }
    assert there == everything - excluded


def test_what_is_excluded_is_not_counted(filled: Pair) -> None:
    before = filled.sync()["initial"]
    filled.configure(exclude_list=["/srv/data"])
    assert filled.sync()["initial"] == before - 21


def test_what_is_no_longer_excluded_is_copied(filled: Pair) -> None:
    filled.configure(exclude_list=["/srv/data"])
    put(filled.booted, "srv/data/07", b"booted\n")
    put(filled.booted, "srv/data/new", b"booted\n")
    filled.sync()
    filled.configure(exclude_list=[])
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/data/07", b"/srv/data/new"]
    assert filled.differences() == []


def test_what_changed_on_the_clone_while_excluded_is_kept(filled: Pair) -> None:
    filled.configure(exclude_list=["/srv/data"])
    put(filled.clone, "srv/data/07", b"clone\n")
    filled.sync()
    filled.configure(exclude_list=[])
    put(filled.booted, "srv/data/07", b"booted\n")
    filled.sync()
    assert filled.report("target_changed") == [b"/srv/data/07"]
    assert (filled.clone / "srv/data/07").read_bytes() == b"clone\n"


def test_a_file_with_the_name_of_a_file_systems_own_directory_is_left_out_as_well(
    filled: Pair,
) -> None:
    """find tests directories alone for these names: half a million files are spared it."""
    own = filled.booted / "lost+found", filled.clone / "lost+found"
    try:
        for directory in own:
            directory.rmdir()
        put(filled.booted, "lost+found", b"booted\n")
        put(filled.booted, ".drdwrap.tmp", b"booted\n")
        assert filled.sync()["copied"] == 0
        put(filled.clone, "lost+found", b"clone\n")
        (filled.booted / "lost+found").unlink()
        assert filled.sync()["deleted"] == 0
        assert (filled.clone / "lost+found").read_bytes() == b"clone\n"
        assert not (filled.clone / ".drdwrap.tmp").exists()
        assert filled.reports() == {}
    finally:
        for path in own:  # the image is used again
            path.unlink(missing_ok=True)


def test_the_rules_keep_out_what_the_list_should_not_have_had(filled: Pair) -> None:
    """A second fence: what is excluded, or in a location, does not pass though it be listed."""
    filled.configure(exclude_list=["/srv/secret", "*.key"])
    names = ["srv/secret/inside", "etc/ssl.key", "etc/fstab", "boot/vmlinuz"]
    for name in names:
        put(filled.booted, name, b"booted\n")
    (filled.clone / "srv/secret").mkdir()
    (filled.clone / "boot").mkdir(exist_ok=True)
    put(filled.booted, "etc/motd", b"booted\n")
    listed = "".join(f"{name}\\0" for name in names)
    interpose(filled, before=f"printf '{listed}' >>{filled.state}/rsync/files-0")
    filled.start("sync").wait()
    assert interposed(filled)
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"
    for name in names:
        assert not (filled.clone / name).exists(), name


def test_what_is_excluded_later_is_not_searched_for_again_and_again(filled: Pair) -> None:
    """Half a million lines are gone through for what is not among them, every time."""
    filled.configure(exclude_list=["/srv/data"])
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "opt/new/file", b"booted\n")
    (filled.booted / "etc/hosts").unlink()
    done = filled.start("sync", prepare=before(Finder, "_go_through", pytest.fail)).wait()
    assert done.returncode == 0, done.stderr
    assert filled.differences("srv/data") == []
    assert (filled.clone / "srv/data").is_dir()
