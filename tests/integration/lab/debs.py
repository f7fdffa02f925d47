"""Debian packages built on the spot, and a repository of them that apt can read."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Deb:
    """What is to be built. `files` are contents by path, without a leading slash."""

    name: str
    version: str
    files: Mapping[str, str]
    conffiles: Sequence[str] = ()
    scripts: Mapping[str, str] = field(default_factory=dict)
    depends: str = ""

    @property
    def control(self) -> str:
        lines = [
            f"Package: {self.name}",
            f"Version: {self.version}",
            "Architecture: all",
            "Maintainer: Nobody <nobody@example.org>",
            *([f"Depends: {self.depends}"] if self.depends else []),
            "Description: a package to test with",
        ]
        return "\n".join(lines) + "\n"

    def build(self, directory: Path) -> Path:
        """Build it in `directory` and return the file."""
        tree = directory / f"{self.name}-{self.version}"
        shutil.rmtree(tree, ignore_errors=True)
        for name, text in self.files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
        (tree / "DEBIAN/control").write_text(self.control)
        if self.conffiles:
            (tree / "DEBIAN/conffiles").write_text("".join(f"/{n}\n" for n in self.conffiles))
        digests = (
            f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}  {name}\n"
            for name, text in self.files.items()
            if name not in self.conffiles
        )
        (tree / "DEBIAN/md5sums").write_text("".join(digests))
        for name, text in self.scripts.items():
            (tree / "DEBIAN" / name).write_text(f"#!/bin/sh\nset -e\n{text}\n")
            (tree / "DEBIAN" / name).chmod(0o755)
        made = directory / f"{self.name}_{self.version}_all.deb"
        run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, made)
        shutil.rmtree(tree)
        return made


def make_repository(directory: Path, debs: Sequence[Deb]) -> None:
    """A flat repository in `directory` with these packages and no others."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    index = ""
    for deb in debs:
        made = deb.build(directory)
        data = made.read_bytes()
        index += f"{deb.control}Filename: ./{made.name}\nSize: {len(data)}\n"
        index += f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n"
    (directory / "Packages").write_text(index)


def run(*arguments: str | Path, ok: Sequence[int] = (0,)) -> str:
    """Run a program that must end with one of these statuses, and return what it printed."""
    done = subprocess.run(
        [str(a) for a in arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C",
            "DEBIAN_FRONTEND": "noninteractive",
        },
    )
    assert done.returncode in ok, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def verify(root: Path) -> set[str]:
    """What `dpkg --verify` finds wrong with the packages of a root."""
    return set(run("dpkg", f"--root={root}", "--verify", ok=(0, 1)).splitlines())
