"""The packages of a box, unpacked and configured by mmdebstrap: the slow step, done once."""

from __future__ import annotations

from pathlib import Path

from vagrant.box import cache
from vagrant.box.recipe import SUITE, Recipe
from vagrant.box.run import run

_LEFT_OUT = (
    *("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"),
    *("/usr/share/zoneinfo/right/*", "/usr/share/zoneinfo/posix/*"),
)
# /usr is merged from the start: the package that merges it later needs the whole of Perl, which
# would be every seventh file of a box.
_MERGED_USR = "/usr/share/mmdebstrap/hooks/merged-usr"
_NO_INITRAMFS = {"INITRD": "No"}
"""Debian's kernel packages go by it. The box gets one when all else is configured: system.py."""


def archive(recipe: Recipe) -> Path:
    """A tar archive of the installed packages, from the cache or made now. BuildError."""
    made_of = cache.key([SUITE, *sorted(recipe.packages), *_LEFT_OUT, _MERGED_USR, *_NO_INITRAMFS])
    finished = cache.directory() / f"tree-{made_of}.tar"
    with cache.one_at_a_time(f"tree-{made_of}"):
        if not finished.exists():
            with cache.being_made() as work:
                _bootstrap(recipe, work / "tree.tar")
                (work / "tree.tar").rename(finished)
    return finished


def _bootstrap(recipe: Recipe, target: Path) -> None:
    run(
        "mmdebstrap",
        "--variant=minbase",
        "--mode=root",
        "--format=tar",
        f"--hook-dir={_MERGED_USR}",
        f"--include={','.join(recipe.packages)}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        SUITE,
        target,
        environment={"TMPDIR": str(target.parent), **_NO_INITRAMFS},
    )
