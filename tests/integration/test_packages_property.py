"""Random package operations on the clone and edits on the booted side, with real packages.

Whatever happens, `dpkg --verify` finds nothing more wrong with the clone after a sync than before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from .lab.debs import Deb, run, verify
from .lab.dpkg_root import DpkgRoot
from .lab.files import put
from .lab.images import Images
from .lab.pair import Pair

EXAMPLES = int(os.environ.get("DRDWRAP_EXAMPLES", "50")) // 2

pytestmark = pytest.mark.skipif(
    not shutil.which("dpkg-deb"), reason="no dpkg-deb is installed: not a system of Debian's family"
)


def _versions(name: str, other: str) -> list[Deb]:
    """Templates that stay and move, a file that goes, one that becomes a directory."""
    first = {
        f"etc/{name}.conf": "1\n",
        f"usr/bin/{name}": "1\n",
        f"usr/share/{name}/data": "1\n",
        f"opt/{name}-thing": "a file\n",
    }
    second = {
        f"etc/{name}.conf": "1\n",
        f"usr/bin/{name}": "2\n",
        f"opt/{name}-thing": "a file\n",
    }
    third = {
        f"etc/{name}.conf": "3\n",
        f"etc/{name}.more.conf": "3\n",
        f"usr/bin/{name}": "3\n",
        f"usr/share/{name}/data": "3\n",
        f"opt/{name}-other": f"as {other} has none\n",
    }
    return [
        Deb(name, f"{number}.0", files, [path for path in files if path.startswith("etc/")])
        for number, files in enumerate((first, second, third), 1)
    ]


@pytest.fixture(scope="module")
def debs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Path]]:
    """The versions of two packages."""
    directory = tmp_path_factory.mktemp("debs")
    return [
        [deb.build(directory) for deb in _versions(name, other)]
        for name, other in (("a", "b"), ("b", "a"))
    ]


package_steps = st.tuples(
    st.sampled_from(["install", "remove", "purge", "keep"]), st.integers(0, 1), st.integers(0, 2)
)
paths = st.sampled_from(
    [
        path.format(name)
        for name in ("a", "b")
        for path in (
            "etc/{}.conf",
            "etc/{}.more.conf",
            "usr/bin/{}",
            "usr/share/{}/data",
            "opt/{}-thing",
            "opt/{}-other",
            "srv/{}",
        )
    ]
)
edits = st.tuples(st.sampled_from(["write", "remove", "chmod", "link"]), paths, st.integers(0, 9))
rounds = st.lists(
    st.tuples(
        st.lists(package_steps, max_size=2),  # on the booted system
        st.lists(package_steps, max_size=3),  # on the clone
        st.lists(edits, max_size=6),
        st.lists(edits, max_size=1),  # by hand on the clone
    ),
    min_size=1,
    max_size=3,
)


REMOVED_ON_BOTH: list[tuple[list[tuple[str, int, int]], ...]] = [
    ([], [("remove", 0, 2)], [], []),
    ([("remove", 1, 2)], [("purge", 0, 2), ("remove", 1, 1)], [], []),
    ([("remove", 0, 1)], [], [], []),
]
"""Of b, removed there while a's files were, dpkg has directories in its list that it misses."""


def operate(root: Path, step: tuple[str, int, int], debs: list[list[Path]]) -> None:
    action, which, version = step
    dpkg = ("dpkg", f"--root={root}", "--force-not-root", "--log=/dev/null")
    if action in ("install", "keep"):
        option = "--force-confold" if action == "keep" else "--force-confnew"
        run(*dpkg, option, "--install", debs[which][version], ok=(0, 1))
    else:
        run(*dpkg, f"--{action}", "ab"[which], ok=(0, 1))


def edit(root: Path, step: tuple[str, str, int]) -> None:
    action, name, number = step
    path = root / name
    if action == "write":
        put(root, name, b"edited %d\n" % number)
    elif path.is_symlink() or path.is_file():
        if action == "remove":
            path.unlink()
        elif action == "chmod" and not path.is_symlink():
            path.chmod(0o600 + number)
        elif action == "link":
            path.unlink()
            path.symlink_to(f"edited-{number}")


def test_a_sync_never_makes_the_clones_packages_worse(
    images: Images, on_disk: Path, debs: list[list[Path]]
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
        print_blob=True,
    )
    @example(REMOVED_ON_BOTH)
    @given(rounds)
    def check(steps: list[tuple[list, list, list, list]]) -> None:  # type: ignore[type-arg]
        booted, clone = images.image("booted").point, images.image("clone").point
        home = Path(tempfile.mkdtemp(dir=on_disk))
        pair = Pair(home, booted, clone)
        pair.configure(packages="dpkg")
        DpkgRoot.make(booted)
        for number in range(60):
            put(booted, f"ballast/{number}", b"")
        for which in (0, 1):
            operate(booted, ("install", which, 0), debs)
        pair.clone_fill()
        for on_booted, on_clone, edited, by_hand in steps:
            for step in on_booted:
                operate(booted, step, debs)
            for step in on_clone:
                operate(clone, step, debs)
            for change in edited:
                edit(booted, change)
            for change in by_hand:
                edit(clone, change)
            before = verify(clone)
            owned = run("dpkg", f"--root={clone}", "--listfiles", "a", "b", ok=(0, 1))
            pair.sync()
            worse = {line for line in verify(clone) - before if " c /" not in line}
            assert worse == set()
            assert run("dpkg", f"--root={clone}", "--listfiles", "a", "b", ok=(0, 1)) == owned
            assert pair.sync()["copied"] == 0
        shutil.rmtree(home)

    check()
