"""`status`: the pair, when the clone was made, and how the last runs ended."""

import os
import time
from typing import Any

from drdwrap.actions import images_at_boot
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, RecordError, in_words
from drdwrap.install import installed
from drdwrap.install.places import Places
from drdwrap.linux import clock, run_lock
from drdwrap.pair import layout
from drdwrap.paths.escaping import for_screen
from drdwrap.record import intent as intents
from drdwrap.record import own_role, patching_note, shutdown_note, store
from drdwrap.record import results as kept
from drdwrap.record.results import Results, last_success
from drdwrap.record.state_directory import StateDirectory

_SAME_TIME = 3600
"""Seconds that a date may lie in the future. Dates are in local time, so those of the last hour
before summer time ends seem to."""


def status(config: Config) -> dict[str, Any]:
    """Everything that can be told without a scan. Mounts and writes nothing, and needs no lock.
    DrdwrapError if the user may not read the state directory.

    Keys: `booted` and `clone` (each with root, device, whether it is mounted and, with LVM, the
    volume group), `booted_from` and `next_boot` (with LVM), `role` (of the booted image: `booted
    system`, `clone` or `unclear`, see `record.own_role`), `reversals` (how often the roles were
    exchanged), `created`, `record`, `last_sync`, `last_preview`, `last_clone`, `last_reverse`,
    `last_runcmd`, `last_verify_contents` and `last_verify_boot` (the results that were kept),
    `running` (the run that is going, in words, or None), `interrupted` (a run was cut off),
    `interrupted_command` (`sync`, `accept` or `clone`; None if that is not known or none was),
    `half_filled` (it was a `clone`, which has to be run again), `overdue` (the last good sync is
    older than `max_sync_age`), `last_success_in_future` (its date, if it has not come yet; or
    None), `activation` (see `images_at_boot.selection`; None if none was made), `shutdown` and
    `periodic` (see `install.installed`), `problems` (with what to do about each), `notes` (what was
    left out, because a file of the state directory is damaged; that a `runcmd` was cut off).
    """
    state = StateDirectory.of(config)
    state.refuse_unreadable()
    results, damage = kept.read(state.results)
    header = store.read_header(state.record)
    sides, checks = layout.of(config).describe(config)
    running = run_lock.holder(state.lock)
    cut_off, command = _cut_off(state, header)
    overdue, in_future = _overdue(config, results)
    lost = _lost(state) if header is None else ""
    activation, unread = _activation(config, state)
    patched = "" if running else _cut_off_on_clone(state)
    notes = (damage, shutdown_note.read(state.shutdown)[1], lost, unread, patched)
    return {
        **sides,
        "role": own_role.role(config, state).value,
        "reversals": header.reversals if header else 0,
        "created": clock.as_text(header.created) if header and header.created else None,
        "record": {"generation": header.generation} if header else None,
        "last_sync": results.get("sync"),
        "last_preview": results.get("preview"),
        "last_clone": results.get("clone"),
        "last_reverse": results.get("reverse"),
        "last_runcmd": results.get("runcmd"),
        "last_verify_contents": results.get("verify-contents"),
        "last_verify_boot": results.get("verify-boot"),
        "running": running or None,
        "interrupted": cut_off and not running,
        "interrupted_command": None if running else command,
        "half_filled": command == "clone" and not running,
        "overdue": header is not None and overdue,
        "last_success_in_future": in_future,
        "activation": activation,
        "shutdown": installed.shutdown(Places(), state),
        "periodic": installed.periodic(Places(), results),
        "problems": [
            f"check failed: {check.name} ({check.found}): {check.remedy}"
            for check in checks
            if not check.ok
        ],
        "notes": [note for note in notes if note],
    }


def _activation(config: Config, state: StateDirectory) -> tuple[dict[str, Any] | None, str]:
    """What was activated, and a sentence if that cannot be told."""
    try:
        return images_at_boot.selection(config, state), ""
    except (DrdwrapError, OSError) as error:
        why = error.message if isinstance(error, DrdwrapError) else in_words(error)
        return None, f"what the next boot starts is not known: {why}"


def _cut_off(state: StateDirectory, header: store.Header | None) -> tuple[bool, str | None]:
    """Whether a run was cut off or is going on, and the command whose run it is, if known."""
    try:
        intent = intents.read(state.intent)
    except RecordError:  # a damaged intent is an open one, and the next run says what to do
        return True, None
    if intent is None or intent.is_done(header):
        return False, None
    return True, intent.command


def _lost(state: StateDirectory) -> str:
    """A sentence if there is a record whose header cannot be read."""
    if not os.path.lexists(state.record):
        return ""
    return f"{for_screen(state.record)} cannot be read: 'drdwrap check' says why"


def _cut_off_on_clone(state: StateDirectory) -> str:
    """A sentence if a `runcmd` was cut off, and no run has cleaned up after it."""
    note = patching_note.read(state)
    return note.in_words() if note else ""


def _overdue(config: Config, results: Results) -> tuple[bool, str | None]:
    """Whether the last sync, fill or reverse that succeeded is older than the configuration allows;
    and its date, if that lies in the future. Then its age is not known, and only earlier ones
    count."""
    limit = config.max_sync_age_seconds
    dates = [last_success(results.get(name, {})) for name in ("sync", "clone", "reverse")]
    ends = {_seconds(date): date for date in dates if date}
    ahead = [end for end in ends if end > time.time() + _SAME_TIME]
    oldest = time.time() - limit
    is_overdue = limit > 0 and not any(end >= oldest for end in ends if end not in ahead)
    return is_overdue, ends[max(ahead)] if ahead else None


def _seconds(date: str) -> float:
    try:
        return clock.from_text(date)
    except (ValueError, OverflowError):
        return 0.0
