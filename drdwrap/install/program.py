"""Which drdwrap the installed files call, and with which of the options that were given here."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from drdwrap.errors import RefusedError
from drdwrap.linux import process

NAME_IT = "name an installed one with --program"


@dataclass(frozen=True)
class Call:
    """A command line but for the command: the program's words, `--config`, `-X` and `-x`."""

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
        """As drdwrap was called now. `program` names another one (absolute). RefusedError."""
        if program is not None and not os.path.isabs(program):
            raise RefusedError(f"{program} is no absolute path", "init and cron have no directory")
        before = ["--config", os.path.abspath(config)] if config is not None else []
        after = [word for name in override_files for word in ("-X", os.path.abspath(name))]
        after += [word for override in overrides for word in ("-x", override)]
        return cls((program,) if program else _running(), tuple(before), tuple(after))

    def words(self, command: str, *options: str) -> list[str]:
        """The whole command line."""
        return [*self.program, *self.before, command, *options, *self.after]


def _running() -> tuple[str, ...]:
    """What runs now: an absolute path, or the interpreter and its `-m drdwrap`."""
    name = sys.argv[0]
    if os.path.basename(name) == "__main__.py":
        words = (sys.executable, "-m", "drdwrap")
        if process.run(words[0], [*words[1:], "--version"], ok=range(256)).status != 0:
            raise RefusedError("this drdwrap is not found from another directory", NAME_IT)
        return words
    found = shutil.which(name, path=process.search_path())
    if found is None:
        raise RefusedError("drdwrap does not know where it lies", NAME_IT)
    return (os.path.abspath(found),)
