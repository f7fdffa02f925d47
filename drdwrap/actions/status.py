"""`status`: the pair, when the clone was made, and how the last runs ended."""

import time
from typing import Any

from drdwrap.config.model import Config
from drdwrap.errors import RecordError
from drdwrap.install import installed
from drdwrap.install.places import Places
from drdwrap.linux import lock
from drdwrap.pair import layout
from drdwrap.record import intent as intents
from drdwrap.record import store
from drdwrap.record.state_directory import State, last_success

_FORMAT = "%Y-%m-%d %H:%M:%S"


def status(config: Config) -> dict[str, Any]:
    """What there is to know without a scan. Mounts and writes nothing, and needs no lock.
    DrdwrapError for one who may not see the state directory.

    Keys: `booted`, `clone` (each root, device, and whether mounted; with LVM the volume group),
    `booted_from` and `next_boot` (with LVM), `created`, `record`, `last_sync`, `last_preview`,
    `last_clone` (as the outcome has them), `running` (the run that is going, in words, or None),
    `interrupted` (a run was cut off), `half_filled` (it was a `clone`: another has to come),
    `overdue` (the last good sync is older than `max_sync_age`), `shutdown` and `periodic` (see
    `install.look`), `problems`.
    """
    state = State.of(config)
    state.refuse_unreadable()
    outcomes = state.read_outcomes()
    header = store.read_header(state.record)
    sides, checks = layout.of(config).describe(config)
    running = lock.holder(state.lock)
    cut_off, half_filled = _cut_off(state, header)
    return {
        **sides,
        "created": _date(header.created) if header and header.created else None,
        "record": {"generation": header.generation} if header else None,
        "last_sync": outcomes.get("sync"),
        "last_preview": outcomes.get("preview"),
        "last_clone": outcomes.get("clone"),
        "running": running or None,
        "interrupted": cut_off and not running,
        "half_filled": half_filled and not running,
        "overdue": header is not None and _overdue(config, outcomes),
        "shutdown": installed.shutdown(Places(), state),
        "periodic": installed.periodic(Places(), outcomes),
        "problems": [f"not so: {check.name} ({check.found})" for check in checks if not check.ok],
    }


def _cut_off(state: State, header: store.Header | None) -> tuple[bool, bool]:
    """Whether a run was cut off, or is going on, and whether that is a fill."""
    try:
        intent = intents.read(state.intent)
    except RecordError:  # a damaged intent is open as well, and the next run says what to do
        return True, False
    if intent is None or intent.is_done(header):
        return False, False
    return True, intent.kind == "fill"


def _overdue(config: Config, outcomes: dict[str, Any]) -> bool:
    """Whether no sync or fill has succeeded for as long as the configuration allows."""
    limit = config.max_sync_age_seconds
    dates = [last_success(outcomes.get(name, {})) for name in ("sync", "clone")]
    ends = [_seconds(date) for date in dates if date]
    return limit > 0 and (not ends or time.time() - max(ends) > limit)


def _seconds(date: str) -> float:
    try:
        return time.mktime(time.strptime(date, _FORMAT))
    except (ValueError, OverflowError):
        return 0.0


def _date(seconds: int) -> str:
    return time.strftime(_FORMAT, time.localtime(seconds))
