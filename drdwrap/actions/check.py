"""`check`: every precondition of a sync, whether it holds, and a remedy, all in one run."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack

from drdwrap.actions import images_at_boot
from drdwrap.checks import Check, answered, unanswered
from drdwrap.config.model import Config
from drdwrap.errors import BootedFromCloneError, DrdwrapError
from drdwrap.exit_status import SUCCESS
from drdwrap.linux import clock, process, run_lock
from drdwrap.log import Log
from drdwrap.pair import layout
from drdwrap.pair.file_system_limits import is_read_only
from drdwrap.pair.pair import Pair
from drdwrap.paths.escaping import for_screen
from drdwrap.record import intent as intents
from drdwrap.record import own_role, results, store
from drdwrap.record.intent import Intent
from drdwrap.record.own_role import Role
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync.begin import (
    Run,
    opened,
    own_files_elsewhere,
    preconditions,
)
from drdwrap.sync.copy import room_for_record
from drdwrap.sync.determine import determine
from drdwrap.sync.make_room import room_on_clone
from drdwrap.sync.trust import trusted_record

_ROLES = "the booted image is not the clone"
_VERIFICATIONS = {"verify-contents": "--contents", "verify-boot": "--boot"}
_OLD = 35 * 86400
"""Seconds after which a verification says little: a month, and a few days to do the next one."""


def check(config: Config, log: Log) -> list[Check]:
    """All checks. Nothing is written except the state directory and its lock."""
    state = StateDirectory.of(config)
    with layout.of(config).present(config) as problems:
        pair: Pair | None = None
        try:
            pair, checks = preconditions(config)
        except (DrdwrapError, OSError) as error:
            checks = [unanswered("the pair can be found", error)]
        # Nothing is made on the clone. That the state must not be there is a check already.
        elsewhere = all(one.ok for one in own_files_elsewhere(config))
        writable = [_writable(state)] if elsewhere else []
        checks = [*problems, *checks, *writable, state.finished_making()]
        ready = pair is not None and all(one.ok for one in checks)
        checks.append(_whole(state))
        if not ready and own_role.role(config, state) is Role.CLONE:
            checks.append(unanswered(_ROLES, BootedFromCloneError()))
        checks += images_at_boot.check(config, state)
        checks += _verified(state)
        if elsewhere and writable[0].ok:
            checks += _locked_checks(config, state, log, ready=ready)
    return checks


def _writable(state: StateDirectory) -> Check:
    name, remedy = "state directory can be written", "correct state_dir"

    def look() -> Check:
        state.make()
        if is_read_only(state.directory):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), state.directory)
        usable = os.access(state.directory, os.W_OK)
        found = for_screen(state.directory) if usable else "not writable"
        return Check(name, usable, found, remedy)

    return answered(name, look)


def _whole(state: StateDirectory) -> Check:
    """Whether the record and an open intent can be read."""
    name = "record is whole"

    def look() -> Check:
        record = store.read(state.record)
        intents.read(state.intent)
        return Check(name, True, "read and checked" if record else "there is no record yet")

    return answered(name, look)


def _verified(state: StateDirectory) -> Iterator[Check]:
    """Of each kind of `verify` that was ever made: whether it succeeded, and is not old."""
    kept, _ = results.read(state.results)
    for name, option in _VERIFICATIONS.items():
        if name not in kept:
            continue
        ended, status = kept[name]["ended"], kept[name]["exit_status"]
        is_old = time.time() - clock.from_text(ended) > _OLD
        yield Check(
            f"'verify {option}' has succeeded lately",
            status == SUCCESS and not is_old,
            f"{ended}, exit status {status}" + (f", over {_OLD // 86400} days ago" * is_old),
            f"'drdwrap verify {option}'",
        )


def _locked_checks(config: Config, state: StateDirectory, log: Log, *, ready: bool) -> list[Check]:
    """Whether no other run is going and, if both sides are `ready`, what a scan of them tells."""
    with ExitStack() as stack:
        stack.callback(process.stop_all)
        try:
            stack.enter_context(run_lock.held(state.lock))
        except (DrdwrapError, OSError) as error:
            return [unanswered("no other run is going", error)]
        checks = [Check("no other run is going", True, "the lock is free")]
        if ready:
            try:
                with opened(config, state, log) as run:
                    checks.append(Check(_ROLES, True, "the other image follows this one"))
                    checks += _checks_of_content(run)
            except BootedFromCloneError as error:
                checks.append(unanswered(_ROLES, error))
            except (DrdwrapError, OSError) as error:
                checks.append(unanswered("both sides can be read", error))
    return checks


def _checks_of_content(run: Run) -> Iterator[Check]:
    """What the record and a scan of both sides tell."""
    name = "record belongs to this pair"
    try:
        record, intent = trusted_record(run)
    except (DrdwrapError, OSError) as error:
        yield _unanswered(run, name, error)
        return
    if record is None:
        yield Check(name, True, "there is no record: both sides will be compared in full")
    else:
        cut_off = _cut_off(intent) if intent else ""
        yield Check(name, True, f"generation {record.header.generation}{cut_off}")
    name = "both sides hold what they should"
    try:
        seen = determine(run, record, intent)
        yield Check(name, True, f"{seen.initial} files, {len(seen.plan.copies)} to be copied")
        name = "there is room"
        yield room_on_clone(run, seen)
        yield room_for_record(run, seen)
    except (DrdwrapError, OSError) as error:
        yield _unanswered(run, name, error)


def _cut_off(intent: Intent) -> str:
    if intent.command == "accept":
        return "; the last 'drdwrap accept' was cut off, and accepted nothing"
    return "; the last run was cut off, and the next one completes it"


def _unanswered(run: Run, name: str, error: DrdwrapError | OSError) -> Check:
    return unanswered(
        name, run.trees.as_seen_by_all(error) if isinstance(error, OSError) else error
    )
