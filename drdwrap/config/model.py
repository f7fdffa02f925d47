"""The configuration as the rest of drdwrap sees it: frozen, complete and typed.

Paths, patterns and commands are bytes: see `paths.utf8`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from drdwrap.config.schema import with_defaults
from drdwrap.paths.utf8 import encoded

Command = tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Booted:
    """The booted side, in the layout `directories`; `volumes` are as seen from `root`."""

    root: bytes
    volumes: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Clone:
    """The clone, and where it is mounted.

    `is_booted`: the configured volume group is the booted one. Then `volume_group` names the other
    image's group, where that is known (see `record.other_image`). It is no key.
    """

    volume_group: str
    root: bytes
    require_mount: bool
    is_booted: bool = False


@dataclass(frozen=True, kw_only=True)
class NonSyncedLocations:
    """Patterns to add to, and to remove from, the built-in list."""

    add: tuple[bytes, ...]
    remove: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Rsync:
    """What is appended to the rsync command."""

    options: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Commands to run around a sync, each a tuple of arguments, without a shell."""

    before: tuple[Command, ...]
    after: tuple[Command, ...]
    on_error: tuple[Command, ...]


@dataclass(frozen=True, kw_only=True)
class Activation:
    """What a trial of the other image has to pass; `deadline` is in seconds from its boot."""

    health: tuple[Command, ...]
    deadline: int


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole configuration. The schema says what each key means and what it may hold."""

    layout: Literal["lvm", "directories"]
    booted: Booted
    clone: Clone
    exclude_list: tuple[bytes, ...]
    non_synced_locations: NonSyncedLocations
    packages: Literal["auto", "dpkg", "rpm", "none"]
    deletions: Literal["propagate", "report"]
    max_deletions: str | int
    max_sync_age: str | int
    kept_together: tuple[tuple[bytes, ...], ...]
    state_dir: bytes
    log_file: bytes
    rsync: Rsync
    hooks: Hooks
    activation: Activation
    metrics_file: bytes | None

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
        booted=Booted(
            root=encoded(full["booted"]["root"]), volumes=_all_encoded(full["booted"]["volumes"])
        ),
        clone=Clone(**{**full["clone"], "root": encoded(full["clone"]["root"])}),
        exclude_list=_all_encoded(full["exclude_list"]),
        non_synced_locations=NonSyncedLocations(
            add=_all_encoded(full["non_synced_locations"]["add"]),
            remove=_all_encoded(full["non_synced_locations"]["remove"]),
        ),
        packages=full["packages"],
        deletions=full["deletions"],
        max_deletions=limit if isinstance(limit, str) else int(limit),
        max_sync_age=full["max_sync_age"],
        kept_together=tuple(_all_encoded(members) for members in full["kept_together"]),
        state_dir=encoded(full["state_dir"]),
        log_file=encoded(full["log_file"]),
        rsync=Rsync(options=_all_encoded(full["rsync"]["options"])),
        hooks=Hooks(
            before=_commands(full["hooks"]["before"]),
            after=_commands(full["hooks"]["after"]),
            on_error=_commands(full["hooks"]["on_error"]),
        ),
        activation=Activation(
            health=_commands(full["activation"]["health"]),
            deadline=_seconds(full["activation"]["deadline"]),
        ),
        metrics_file=encoded(full["metrics_file"]) if full["metrics_file"] else None,
    )


def _seconds(duration: str) -> int:
    """The seconds of a number with the unit s, min or h."""
    number = duration.rstrip("smihn")
    return int(number) * {"s": 1, "min": 60, "h": 3600}[duration[len(number) :]]


def _commands(commands: list[list[str]]) -> tuple[Command, ...]:
    return tuple(_all_encoded(command) for command in commands)


def _all_encoded(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(map(encoded, texts))
