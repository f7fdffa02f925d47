"""What was said with the options that commands share, and what follows from it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from drdwrap.paths.utf8 import decoded
from drdwrap.present.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from drdwrap.config.model import Config
    from drdwrap.log import Log
    from drdwrap.record.state_directory import StateDirectory

Result = TypeVar("Result")


@dataclass
class Settings:
    """What was said on the command line, before the command's name and after it.

    `verbosity` is the number of -v less that of -q. `passed_on` are options that were said before
    a name, on their way to the command that has them. `ended_with` is the exit status of a run that
    has ended, and only its result is still to be shown.
    """

    config: str | None = None
    verbosity: int = 0
    as_json: bool = False
    overrides: list[str] = field(default_factory=list)
    override_files: list[str] = field(default_factory=list)
    passed_on: list[str] = field(default_factory=list)
    ended_with: int | None = None

    def load(self, root: str = "/") -> "Config":
        """The configuration with all overrides, as seen from the image that is booted. Without
        --config it is the one of the system in `root`. ConfigError."""
        from drdwrap.config.load import DEFAULT_PATH, load
        from drdwrap.record.other_image import seen_from_here

        path = Path(self.config) if self.config is not None else None
        default = Path(root, str(DEFAULT_PATH).lstrip("/"))
        overrides = [decoded(os.fsencode(text)) for text in self.overrides]
        files = [Path(name) for name in self.override_files]
        return seen_from_here(load(path, overrides, files, default))

    def log(self) -> "Log":
        """The log at the verbosity asked for."""
        from drdwrap.log import Log, default_verbosity

        return Log(max(0, min(5, default_verbosity() + self.verbosity)))

    def under_lock(
        self,
        action: "Callable[[Config, StateDirectory, Log], Result]",
        title: str = "",
    ) -> "Result":
        """Run `action` under the lock with this configuration: see `around_run.under_lock`."""
        from drdwrap.actions.around_run import under_lock

        return under_lock(self.load(), self.log(), action, title)

    @property
    def view(self) -> View:
        """How the result is to be shown."""
        return View(self.as_json, self.verbosity)


def list_keys(settings: Settings) -> None:
    """What `-x '?'` is for."""
    from drdwrap.config.sample import keys
    from drdwrap.present.config import show_keys

    show_keys(settings.view, keys())
