"""`check`: every precondition of a sync, whether it holds, and a remedy, all in one run."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, LockHeldError, in_words
from drdwrap.linux import process, run_lock
from drdwrap.log import Log
from drdwrap.pair import layout
from drdwrap.paths.escaping import for_screen
from drdwrap.record import intent as intents
from drdwrap.record import store
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync import space
from drdwrap.sync.begin import (
    Run,
    opened,
    own_files_elsewhere,
    preconditions,
)
from drdwrap.sync.copy import room_for_record
from drdwrap.sync.determine import determine
from drdwrap.sync.trust import trusted_record


def check(config: Config, log: Log) -> list[Check]:
    """All checks. Nothing is written except the state directory and its lock."""
    state = StateDirectory.of(config)
    with layout.of(config).present(config) as problems:
        pair, checks = preconditions(config)
        # Nothing is made on the clone. That the state must not be there is a check already.
        elsewhere = all(one.ok for one in own_files_elsewhere(config))
        writable = [_writable(state)] if elsewhere else []
        checks = [*problems, *checks, *writable, state.finished_making()]
        ready = pair is not None and all(one.ok for one in checks)
        checks.append(_whole(state))
        if elsewhere and writable[0].ok:
            checks += _locked_checks(config, state, log, ready=ready)
    return checks


def _writable(state: StateDirectory) -> Check:
    name = for_screen(state.directory)
    try:
        state.make()
        usable = os.access(state.directory, os.W_OK)
        found = name if usable else "not writable"
    except DrdwrapError as error:
        usable, found = False, error.message
    return Check("state directory can be written", usable, found, "correct state_dir")


def _whole(state: StateDirectory) -> Check:
    """Whether the record and an open intent can be read."""
    name = "record is whole"
    try:
        record = store.read(state.record)
        intents.read(state.intent)
    except DrdwrapError as error:
        return Check(name, False, error.message, error.hint)
    return Check(name, True, "read and checked" if record else "there is no record yet")


def _locked_checks(config: Config, state: StateDirectory, log: Log, *, ready: bool) -> list[Check]:
    """Whether no other run is going and, if both sides are `ready`, what a scan of them tells."""
    with ExitStack() as stack:
        stack.callback(process.stop_all)
        try:
            stack.enter_context(run_lock.held(state.lock))
        except LockHeldError as error:
            return [Check("no other run is going", False, error.message, error.hint)]
        checks = [Check("no other run is going", True, "the lock is free")]
        if ready:
            try:
                with opened(config, state, log) as run:
                    checks += _checks_of_content(run)
            except DrdwrapError as error:
                name = "both sides can be read"
                checks.append(Check(name, False, error.message, error.hint))
    return checks


def _checks_of_content(run: Run) -> Iterator[Check]:
    """What the record and a scan of both sides tell."""
    name = "record belongs to this pair"
    try:
        record, intent = trusted_record(run)
    except DrdwrapError as error:
        yield Check(name, False, error.message, error.hint)
        return
    if record is None:
        yield Check(name, True, "there is no record: both sides will be compared in full")
    else:
        cut_off = "; the last run was cut off, and the next one completes it" if intent else ""
        yield Check(name, True, f"generation {record.header.generation}{cut_off}")
    name = "both sides hold what they should"
    try:
        seen = determine(run, record, intent)
        yield Check(name, True, f"{seen.initial} files, {len(seen.plan.copies)} to be copied")
        name = "there is room"
        copies, deletions = seen.plan.copies, seen.plan.deletions
        yield space.on_clone(space.tight_rooms(copies, deletions, run.trees, run.pair))
        yield room_for_record(run, seen)
    except DrdwrapError as error:
        yield Check(name, False, error.message, error.hint)
    except OSError as error:
        yield Check(name, False, in_words(run.trees.as_seen_by_all(error)))
