"""A pattern means the same to drdwrap's regular expressions, to find and to rsync."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drdwrap.inventory.entry import path_of
from drdwrap.inventory.scan import find_arguments
from drdwrap.paths.patterns import Pattern, PatternList, literal
from drdwrap.rsync.list_and_rules import files_from, rules

NAMES = ("a", "ab", "b", "a.iso", "a*", "a\\b", "[a]", "a?c", "abc", "-", "!", "{a}", "+a", "a\nb")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("patterns")
    for name in NAMES:
        (root / name).mkdir()
        for below in NAMES:
            (root / name / below).touch()
    return root


def everything(root: Path) -> set[bytes]:
    paths = {os.fsencode(p.relative_to(root)) for p in root.rglob("*")}
    assert len(paths) == len(NAMES) * (len(NAMES) + 1)
    return paths


def kept_by_find(root: Path, patterns: list[Pattern]) -> set[bytes]:
    output = subprocess.run(
        ["find", *find_arguments(patterns, [], b"/dev/null")],
        cwd=root,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return {path_of(line) for line in output.split(b"\0")[:-1]} - {b""}


def kept_by_rsync(
    root: Path, patterns: list[Pattern], scratch: Path, *, listed: bool = False
) -> set[bytes]:
    """What rsync copies of the whole tree. `listed`: with a list of all its paths."""
    (scratch / "rules").write_bytes(rules(patterns))
    command = ["rsync", "-a", "-n", "--from0", f"--filter=merge {scratch}/rules", "--out-format=%n"]
    if listed:
        (scratch / "files").write_bytes(files_from(sorted(everything(root))))
        command += [f"--files-from={scratch}/files", "--no-implied-dirs"]
    output = subprocess.run(
        [*command, f"{root}/", f"{scratch}/empty/"], stdout=subprocess.PIPE, check=True
    ).stdout
    paths = {line.rstrip(b"/").replace(b"\\#012", b"\n") for line in output.splitlines()}
    return paths - {b".", b"", b"created directory " + os.fsencode(scratch) + b"/empty"}


PIECES = st.sampled_from([*"abc*?]+{-\\", "[ab]", "[!a]", "[^b]", "\\*", "\\\\", "\\[", ".iso"])
WORDS = st.lists(PIECES, min_size=1, max_size=4).map("".join)
PATTERNS = st.one_of(
    WORDS,
    WORDS.map(lambda word: "/" + word),
    st.tuples(WORDS, WORDS).map(lambda words: "/" + "/".join(words)),
    st.tuples(WORDS, WORDS).map("/".join),
)


@settings(
    max_examples=int(os.environ.get("DRDWRAP_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pattern=PATTERNS)
def test_all_three_agree(tree: Path, tmp_path: Path, pattern: str) -> None:
    patterns = list(PatternList.of([pattern.encode()]).patterns)
    expected = {path for path in everything(tree) if not PatternList(patterns).cover(path)}
    assert kept_by_find(tree, patterns) == expected
    assert kept_by_rsync(tree, patterns, tmp_path) == expected
    assert kept_by_rsync(tree, patterns, tmp_path, listed=True) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_literal_path_matches_itself_alone(tree: Path, tmp_path: Path, name: str) -> None:
    patterns = [literal(os.fsencode(f"/{name}/a*"))]
    gone = os.fsencode(f"{name}/a*")
    assert kept_by_find(tree, patterns) == everything(tree) - {gone}
    assert kept_by_rsync(tree, patterns, tmp_path) == everything(tree) - {gone}
    assert kept_by_rsync(tree, patterns, tmp_path, listed=True) == everything(tree) - {gone}


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("*.iso", [b"a.iso", b"x/y.iso", b"y.iso/below"], [b"a.iso2"]),
        ("/tmp/*", [b"tmp/a", b"tmp/a/b"], [b"tmp", b"var/tmp/a"]),
        ("/srv", [b"srv", b"srv/a/b"], [b"srv2", b"x/srv"]),
        ("/srv/", [b"srv", b"srv/a"], [b"srv2"]),
        ("srv/a", [b"srv/a"], [b"x/srv/a"]),
        ("/a/*/c", [b"a/b/c", b"a/b/c/d"], [b"a/b/x/c"]),
        ("cache", [b"cache", b"x/cache", b"x/cache/y"], [b"caches"]),
    ],
)
def test_what_a_pattern_covers(
    pattern: str, covered: list[bytes], not_covered: list[bytes]
) -> None:
    patterns = PatternList.of([pattern.encode()])
    assert all(patterns.cover(path) for path in covered)
    assert not any(patterns.cover(path) for path in not_covered)


def test_no_pattern_covers_nothing() -> None:
    assert not PatternList.of([]).cover(b"anything")
    assert PatternList.of([b"", b"/"]).patterns == ()
