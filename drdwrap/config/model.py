"""The configuration as the rest of drdwrap sees it: frozen, complete and typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from drdwrap.config.schema import with_defaults

Command = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Booted:
    """The booted side, in the layout `directories`; `volumes` are as seen from `root`."""

    root: str
    volumes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Clone:
    """The clone, and where it is mounted."""

    volume_group: str
    root: str
    require_mount: bool


@dataclass(frozen=True, kw_only=True)
class NonSyncedLocations:
    """Patterns to add to, and to remove from, the built-in list."""

    add: tuple[str, ...]
    remove: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rsync:
    """What is appended to the rsync command."""

    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Commands to run around a sync, each a tuple of arguments, without a shell."""

    before: tuple[Command, ...]
    after: tuple[Command, ...]
    on_error: tuple[Command, ...]


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole configuration. The schema says what each key means and what it may hold.

    Texts may hold surrogate escapes; `os.fsencode` turns them into the bytes they stand for.
    """

    layout: Literal["lvm", "directories"]
    booted: Booted
    clone: Clone
    exclude_list: tuple[str, ...]
    non_synced_locations: NonSyncedLocations
    packages: Literal["auto", "dpkg", "rpm", "none"]
    deletions: Literal["propagate", "report"]
    max_deletions: str | int
    max_sync_age: str | int
    kept_together: tuple[tuple[str, ...], ...]
    state_dir: str
    log_file: str
    rsync: Rsync
    hooks: Hooks

    def deletion_limit(self, recorded: int) -> int:
        """How many paths one run may delete, when the record holds `recorded` paths.

        A percentage is rounded up: 10% of 1 is 1.
        """
        if isinstance(self.max_deletions, int):
            return self.max_deletions
        from fractions import Fraction

        return ceil(Fraction(self.max_deletions.removesuffix("%")) * recorded / 100)

    @property
    def max_sync_age_seconds(self) -> int:
        """The age in seconds from which the last good sync is too old; 0 for no limit."""
        if isinstance(self.max_sync_age, int):
            return self.max_sync_age
        return int(self.max_sync_age[:-1]) * (86400 if self.max_sync_age.endswith("d") else 3600)


def from_mapping(mapping: Mapping[str, Any]) -> Config:
    """The configuration that `mapping` (nested, valid by the schema) describes.

    Keys that it leaves out have the schema's default.
    """
    full = with_defaults(mapping)
    limit = full["max_deletions"]
    return Config(
        layout=full["layout"],
        booted=Booted(root=full["booted"]["root"], volumes=tuple(full["booted"]["volumes"])),
        clone=Clone(**full["clone"]),
        exclude_list=tuple(full["exclude_list"]),
        non_synced_locations=NonSyncedLocations(
            add=tuple(full["non_synced_locations"]["add"]),
            remove=tuple(full["non_synced_locations"]["remove"]),
        ),
        packages=full["packages"],
        deletions=full["deletions"],
        max_deletions=limit if isinstance(limit, str) else int(limit),
        max_sync_age=full["max_sync_age"],
        kept_together=tuple(tuple(members) for members in full["kept_together"]),
        state_dir=full["state_dir"],
        log_file=full["log_file"],
        rsync=Rsync(options=tuple(full["rsync"]["options"])),
        hooks=Hooks(
            before=_commands(full["hooks"]["before"]),
            after=_commands(full["hooks"]["after"]),
            on_error=_commands(full["hooks"]["on_error"]),
        ),
    )


def _commands(commands: list[list[str]]) -> tuple[Command, ...]:
    return tuple(tuple(command) for command in commands)
