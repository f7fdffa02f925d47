"""Begin a run: the state, the lock, the log, the pair, the record; and the reasons not to."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, RecordError, RefusedError
from drdwrap.linux import lock, process
from drdwrap.linux.swap_files import swap_files
from drdwrap.log import Log
from drdwrap.packages import sides
from drdwrap.packages.database import Manager
from drdwrap.pair import layout
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees, private_trees
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.patterns import Pattern, PatternList, literal
from drdwrap.record import intent as intents
from drdwrap.record import made_here, marker, store
from drdwrap.record.intent import Intent
from drdwrap.record.state_directory import State
from drdwrap.record.store import Header, Record
from drdwrap.rsync.command import TEMPORARY
from drdwrap.trim import locations
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.locations import Locations

MAKE_ANEW = (
    "move 'record' and 'intent' in the state directory away and run 'drdwrap sync', which then"
    " compares both sides in full; or 'drdwrap clone --overwrite'"
)


@dataclass(frozen=True)
class Run:
    """A run that has begun: it holds the lock and sees both trees."""

    config: Config
    state: State
    log: Log
    pair: Pair
    trees: Trees
    locations: Locations
    swap_files: tuple[bytes, ...]

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
        """What is never on the initial list: as configured, and what a file system has itself."""
        configured = PatternList.of(self.config.exclude_list).patterns
        own = [
            replace(literal(absolute(b"/" + volume if volume else b"", name)), directory=True)
            for volume in self.pair.volumes
            for name in (b"lost+found", TEMPORARY)
        ]
        return (*configured, *own)


def preconditions(config: Config) -> tuple[Pair | None, list[Check]]:
    """The pair, if there is one, and all that has to hold for a sync, each with its verdict."""
    checks = [_program("rsync"), _program("find")]
    if config.layout == "lvm":
        checks.append(
            Check("running as root", os.geteuid() == 0, f"uid {os.geteuid()}", "run it as root")
        )
    pair, found = layout.of(config).find_pair(config)
    return pair, [*checks, *found, *own_files_elsewhere(config)]


def own_files_elsewhere(config: Config) -> list[Check]:
    """Whether what drdwrap writes for itself is not on the clone."""
    clone = os.path.realpath(os.fsencode(config.clone.root))
    own = {"state directory": ("state_dir", config.state_dir), "log": ("log_file", config.log_file)}
    return [
        Check(
            f"{name} is not on the clone",
            not is_below(os.path.realpath(os.fsencode(path)), clone),
            path,
            f"set {key} to a place outside the clone",
        )
        for name, (key, path) in own.items()
    ]


def _program(name: str) -> Check:
    try:
        return Check(f"{name} is installed", True, process.find_program(name))
    except DrdwrapError as error:
        return Check(f"{name} is installed", False, error.message, error.hint)


def refuse_unless(checks: list[Check]) -> None:
    """RefusedError that names every check that failed, and what to do about each."""
    failed = [check for check in checks if not check.ok]
    if failed:
        reasons = [f"not so: {check.name} ({check.found})" for check in failed]
        raise RefusedError("; ".join(reasons), "; ".join(check.remedy for check in failed))


@contextmanager
def locked(config: Config, log: Log, *, take_over: bool = False) -> Iterator[State]:
    """The state directory, made and locked, and the log opened. LockHeldError, DrdwrapError.

    `take_over` ends a run that holds the lock.
    """
    of_state, of_log = own_files_elsewhere(config)
    refuse_unless([of_state])
    state = State.of(config)
    state.make()
    if of_log.ok:  # else nothing is to be made there, and the run refuses in its turn
        log.open_file(config.log_file)
    with lock.held(state.lock, take_over=take_over):
        try:
            yield state
        finally:
            process.stop_all()


@contextmanager
def opened(config: Config, state: State, log: Log) -> Iterator[Run]:
    """See both trees, for the length of the context. RefusedError unless all preconditions hold."""
    refuse_unless([state.finished_making()])
    with layout.of(config).present(config) as problems:
        pair, checks = preconditions(config)
        refuse_unless([*problems, *checks])
        assert pair is not None
        with _begun(config, state, log, pair) as run:
            yield run


@contextmanager
def _begun(config: Config, state: State, log: Log, pair: Pair) -> Iterator[Run]:
    swaps = tuple(swap_files(pair.booted_root))
    record = store.read_header(state.record)
    own: Sequence[str] = record.made_here if record else ()
    if record is None:
        with suppress(RecordError):  # a fill makes it anew, and anything else asks again
            _, own = made_here.read(state.made_here, pair.clone_id)
    places = locations.in_force(config, pair.booted_root, swaps, map(os.fsencode, own))
    with lock.clone_held(pair.clone_root), private_trees(pair, state.trees) as trees:
        yield Run(config, state, log, pair, trees, places, swaps)


def trusted_record(run: Run) -> tuple[Record | None, Intent | None]:
    """The record and the open intent, if they are this pair's and the clone agrees.

    RecordError otherwise: a foreign or outdated record would take the clone's changes for its own.
    """
    record = store.read(run.state.record)
    intent = intents.read(run.state.intent)
    carried = marker.read(run.trees.clone.root)
    header = record.header if record else None
    if intent is not None and intent.is_done(header):
        intent = None
    if intent is not None and intent.kind == "fill":
        raise RecordError(
            "the last 'drdwrap clone' was cut off: the clone is half filled",
            "run 'drdwrap clone --overwrite' to fill it anew",
        )
    if header is not None:
        _same_pair("record", header, run.pair)
    if intent is not None:
        _same_pair("open intent", intent, run.pair)
        if header is not None and header.pair != intent.pair:
            raise RecordError("the open intent belongs to another record", MAKE_ANEW)
    _same_generation(header, intent, carried)
    return record, intent


def _same_pair(name: str, found: Header | Intent, pair: Pair) -> None:
    if found.clone_id != pair.clone_id:
        raise RecordError(f"the {name} belongs to another clone", MAKE_ANEW)
    if found.booted_id != pair.booted_id:
        raise RecordError(f"the {name} belongs to another booted system", MAKE_ANEW)


def _same_generation(
    header: Header | None, intent: Intent | None, carried: marker.Marker | None
) -> None:
    expected = set()
    if header is not None:
        expected.add(marker.Marker(header.pair, header.generation))
    if intent is not None:
        expected.add(marker.Marker(intent.pair, intent.generation))
        if header is None:
            return  # the first sync onto this clone was cut off, maybe before it was marked
    if carried is None and header is None:
        return
    if header is None:
        return  # the clone belongs to a record that is gone: compared as one without a record
    if carried is None:
        raise RecordError("the clone does not carry the record's mark: it was made anew", MAKE_ANEW)
    if carried not in expected:
        raise RecordError(
            "the record and the clone are of different generations: the state directory was"
            " restored, or the clone was synced from elsewhere",
            MAKE_ANEW,
        )


def first_header(run: Run) -> Header:
    """The header of a record that begins on a clone that is there. RecordError."""
    return Header.first(run.pair, *made_here.read(run.state.made_here, run.pair.clone_id))
