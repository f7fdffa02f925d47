"""What the clone's own package manager says of its packages' files."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from drdwrap.boot.root_files import RootFiles
from drdwrap.errors import ProgramError
from drdwrap.linux import run_note
from drdwrap.patching.clone import MountedClone
from drdwrap.paths.line_ends import lines_of

_COMMANDS = {
    b"dpkg": (b"dpkg", b"--verify"),
    b"rpm": (b"rpm", b"--verify", b"--all", b"--nodeps", b"--noscripts"),
}
_LINE = re.compile(
    rb"([S.?][M.?][5.?][D.?][L.?][U.?][G.?][T.?][P.?]|missing)\s+(?:([acdglr])\s+)?/(.*)"
)
_DIGEST = b"5"


@dataclass(frozen=True)
class PackageFile:
    """A file that is not as its package shipped it: its path (relative), and whether it is missing
    (otherwise its contents differ)."""

    path: bytes
    missing: bool


def package_verdict(clone: MountedClone) -> list[PackageFile]:
    """The files whose contents are not those of their package. Configuration files are left out.
    ProgramError if the package manager fails; DrdwrapError."""
    found: list[PackageFile] = []
    files = RootFiles(clone.root)
    for program, command in _COMMANDS.items():
        if files.has_program(program):
            run_note.note("asking the clone's package manager")
            found += parsed(_output(clone, command))
    return found


def parsed(output: bytes) -> list[PackageFile]:
    """The files in the output of `dpkg --verify` or `rpm --verify`."""
    found = []
    for line in lines_of(output):
        match = _LINE.fullmatch(line)
        if match and match[2] != b"c" and (match[1] == b"missing" or match[1][2:3] == _DIGEST):
            path = match[3].partition(b" (")[0] if match[1] == b"missing" else match[3]
            found.append(PackageFile(path, match[1] == b"missing"))
    return found


def _output(clone: MountedClone, command: Sequence[bytes]) -> bytes:
    """What the command prints on the clone."""
    file = os.memfd_create("drdwrap-verdict")
    try:
        ended = clone.run(command, before=lambda: _print_to(file))
        if ended.status not in (0, 1):  # 1: it has found something
            raise ProgramError(f"{command[0].decode()} on the clone ended with {ended.status}")
        return os.pread(file, os.fstat(file).st_size, 0)
    finally:
        os.close(file)


def _print_to(file: int) -> None:
    os.dup2(file, 1)
