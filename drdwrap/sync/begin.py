"""Begin a run: the lock, the log, the preconditions, the pair, both trees."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial

from drdwrap.checks import Check, refuse_unless
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, RecordError
from drdwrap.linux import directories, process, run_lock, run_note
from drdwrap.linux.real_path import real_path
from drdwrap.linux.swap_files import swap_files
from drdwrap.log import Log
from drdwrap.packages import sides
from drdwrap.packages.database import Manager
from drdwrap.pair import layout
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees, private_trees
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import Pattern, PatternList, literal
from drdwrap.record import made_here, patching_note, store
from drdwrap.record.state_directory import StateDirectory
from drdwrap.rsync.command import STAGING
from drdwrap.sync import reversal_end, roles
from drdwrap.trim import locations
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.locations import Locations


@dataclass(frozen=True)
class Run:
    """A run that has begun: it holds the lock and sees both trees. `unencrypted`: what the booted
    system has encrypted may be readable on the clone."""

    config: Config
    state: StateDirectory
    log: Log
    pair: Pair
    trees: Trees
    locations: Locations
    swap_files: tuple[bytes, ...]
    unencrypted: bool = False

    @cached_property
    def kept_together(self) -> KeptTogether:
        """The sets of files that are synced all or none."""
        return KeptTogether.of(self.config.kept_together)

    @cached_property
    def managers(self) -> tuple[Manager, ...]:
        """The package managers whose databases say what is a package's file."""
        return sides.in_force(self.config.packages, self.trees.booted.root)

    @property
    def excluded(self) -> tuple[Pattern, ...]:
        """What is never on the initial list: as configured, and what a file system makes itself."""
        configured = PatternList.of(self.config.exclude_list).patterns
        own = [
            replace(literal(absolute(b"/" + volume if volume else b"", name)), directory=True)
            for volume in self.pair.volumes
            for name in (b"lost+found", STAGING)
        ]
        return (*configured, *own)


def preconditions(config: Config) -> tuple[Pair | None, list[Check]]:
    """The pair, if there is one, and every precondition of a sync, and whether it holds."""
    checks = [_program("rsync"), _program("find")]
    if config.layout == "lvm":
        checks.append(
            Check("running as root", os.geteuid() == 0, f"uid {os.geteuid()}", "run it as root")
        )
    pair, found = layout.of(config).find_pair(config)
    return pair, [*checks, *found, *own_files_elsewhere(config)]


def own_files_elsewhere(config: Config) -> list[Check]:
    """Whether drdwrap's own files lie elsewhere than on the clone."""
    clone = real_path(config.clone.root)
    own = {"state directory": ("state_dir", config.state_dir), "log": ("log_file", config.log_file)}
    return [
        Check(
            f"{name} is not on the clone",
            not is_below(real_path(path), clone),
            for_screen(path),
            f"set {key} to a place outside the clone",
        )
        for name, (key, path) in own.items()
    ]


def _program(name: str) -> Check:
    try:
        return Check(f"{name} is installed", True, process.find_program(name))
    except DrdwrapError as error:
        return Check(f"{name} is installed", False, error.message, error.hint)


@contextmanager
def locked(config: Config, log: Log, *, take_over: bool = False) -> Iterator[StateDirectory]:
    """The state directory, made and locked, and the log opened. LockHeldError, DrdwrapError.

    `take_over` ends a run that holds the lock.
    """
    of_state, of_log = own_files_elsewhere(config)
    refuse_unless([of_state])
    state = StateDirectory.of(config)
    state.make()
    if of_log.ok:  # else nothing is to be made there, and the run refuses in its turn
        log.open_file(config.log_file, partial(directories.make, mode=0o755))
    with run_lock.held(state.lock, take_over=take_over):
        try:
            yield state
        finally:
            process.stop_all()


@contextmanager
def opened(
    config: Config, state: StateDirectory, log: Log, *, in_any_role: bool = False
) -> Iterator[Run]:
    """See both trees, for the length of the context. RefusedError unless all preconditions hold;
    BootedFromCloneError if the booted image is the clone, unless `in_any_role`."""
    run_note.note("checking what it needs")
    if not in_any_role:
        roles.refuse_without_looking(config, state)
    refuse_unless([state.finished_making()])
    with layout.of(config).present(config) as problems:
        pair, checks = preconditions(config)
        refuse_unless([*problems, *checks])
        assert pair is not None
        with _begun(config, state, log, pair) as run:
            if not in_any_role:
                roles.refuse_as_clone(config, state, pair, run.trees)
            reversal_end.finish(state, pair, run.trees)
            yield run


@contextmanager
def _begun(config: Config, state: StateDirectory, log: Log, pair: Pair) -> Iterator[Run]:
    swaps = tuple(swap_files(pair.booted_root))
    record = store.read_header(state.record)
    own: Sequence[bytes] = record.made_here if record else ()
    if record is None:
        with suppress(RecordError):  # a fill writes it again; all else reads it again
            _, own = made_here.read(state.made_here, pair.clone_id)
    places = locations.in_force(config, pair.booted_root, swaps, own)
    with run_lock.clone_held(pair.clone_root), private_trees(pair, state.trees) as trees:
        patching_note.clean_up_and_say(state, pair, log.note)
        unencrypted = record is not None and record.unencrypted
        yield Run(config, state, log, pair, trees, places, swaps, unencrypted)
