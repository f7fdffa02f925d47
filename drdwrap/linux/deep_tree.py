"""Trees of any depth. Python's own functions for them call themselves once for each level
(`shutil.rmtree`, and `os.walk` before 3.12), which ends at a thousand."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress

from drdwrap.errors import ProgramError
from drdwrap.linux import process


def paths_below(directory: bytes) -> Iterator[bytes]:
    """Everything below `directory` (absolute), each path after that of its directory. No link is
    followed, and what cannot be read is left out."""
    waiting = [directory]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry.path
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def remove(directory: bytes) -> None:
    """Remove a directory with all in it. No error if it is not there. OSError.

    Paths in it may be longer than the kernel takes: rm(1) goes from one directory to the next.
    """
    with suppress(FileNotFoundError):
        try:
            shutil.rmtree(directory)
        except RecursionError:
            _remove_with_rm(directory)
        except OSError as error:  # from Python 3.13 on it keeps a directory open for each level
            if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENAMETOOLONG):
                raise
            _remove_with_rm(directory)


def empty(directory: bytes) -> None:
    """Remove all that is in a directory, except what other file systems hold. OSError."""
    _run(directory, "find", [directory, "-xdev", "-mindepth", "1", "-delete"])


def _remove_with_rm(directory: bytes) -> None:
    _run(directory, "rm", ["-r", "-f", "--one-file-system", "--", directory])


def _run(directory: bytes, program: str, arguments: list[bytes | str]) -> None:
    """Both programs go from one directory to the next."""
    try:
        process.run(program, arguments)
    except ProgramError as error:
        raise OSError(errno.EIO, error.message, directory) from error
