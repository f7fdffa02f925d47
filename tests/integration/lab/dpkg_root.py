"""A package database of dpkg's, written by hand: as little as makes a case."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ONE, TWO = "1" * 32, "2" * 32
"""Digests of what packages shipped, as far as these databases say."""


@dataclass
class DpkgRoot:
    """A root directory with a package database."""

    path: Path

    @classmethod
    def make(cls, path: Path) -> DpkgRoot:
        """An empty database in `path`."""
        made = cls(path)
        made.write("var/lib/dpkg/status")
        (path / "var/lib/dpkg/info").mkdir()
        (path / "var/lib/dpkg/updates").mkdir()
        return made

    def write(self, name: str, text: str = "") -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def package(
        self,
        name: str,
        *files: str,
        state: str = "install ok installed",
        version: str = "1.0",
        conffiles: tuple[str, ...] = (),
        listed_as: str = "",
        architecture: str = "amd64",
    ) -> None:
        stanza = f"Package: {name}\nStatus: {state}\nMaintainer: Nobody <nobody@example.org>\n"
        stanza += f"Architecture: {architecture}\nVersion: {version}\n"
        if conffiles:
            stanza += "Conffiles:\n" + "".join(f" {line}\n" for line in conffiles)
        stanza += "Description: a package\n of no use\n .\n Package: not-this-one\n\n"
        with (self.path / "var/lib/dpkg/status").open("a") as status:
            status.write(stanza)
        parents = {str(above) for file in files for above in Path(file).parents} - {"/"}
        lines = ["/.", *sorted(parents), *files]
        self.write(f"var/lib/dpkg/info/{listed_as or name}.list", "".join(f"{x}\n" for x in lines))


_HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Another process holds a lock on `path`, as dpkg does."""
    command = [sys.executable, "-c", _HOLD, str(path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        yield holder.pid
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
