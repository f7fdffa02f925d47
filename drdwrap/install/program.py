"""The command in the installed files: which drdwrap they run, and with which options."""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from drdwrap.errors import RefusedError
from drdwrap.linux import process
from drdwrap.paths.utf8 import decoded

NAME_IT = "name an installed one with --program"


@dataclass(frozen=True)
class Call:
    """A command line around its command: the program, and options before and after the command.

    It is text for files, as in `paths.utf8`, and not what the locale says.
    """

    program: tuple[str, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        program: str | None,
        config: str | None,
        overrides: Sequence[str],
        override_files: Sequence[str],
    ) -> "Call":
        """The command line of this run with its `--config`, `-X` and `-x`. RefusedError.

        `program`, an absolute path, replaces this drdwrap.
        """
        if program is not None and not os.path.isabs(program):
            raise RefusedError(
                f"{program} is not an absolute path", "init and cron need one: give it"
            )
        before = ["--config", os.path.abspath(config)] if config is not None else []
        after = [word for name in override_files for word in ("-X", os.path.abspath(name))]
        after += [word for override in overrides for word in ("-x", override)]
        words = (program,) if program else _running()
        return cls(_for_files(words), _for_files(before), _for_files(after))

    def words(self, command: str, *options: str) -> list[str]:
        """The whole command line."""
        return [*self.program, *self.before, command, *options, *self.after]


def _for_files(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(decoded(os.fsencode(word)) for word in words)


def _running() -> tuple[str, ...]:
    """The program that runs now: its absolute path, or the interpreter with `-m drdwrap`."""
    name = sys.argv[0]
    if os.path.basename(name) == "__main__.py":
        words = (sys.executable, "-m", "drdwrap")
        if process.run(words[0], [*words[1:], "--version"], ok=range(256)).status != 0:
            raise RefusedError(
                "this drdwrap can only be run from its own directory, where init and cron are not",
                NAME_IT,
            )
        return words
    found = shutil.which(name, path=process.search_path())
    if found is None:
        raise RefusedError(f"drdwrap was started as {name}, which is not found in PATH", NAME_IT)
    return (os.path.abspath(found),)
