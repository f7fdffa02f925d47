"""`status`: the pair, when the clone was made, and how the last runs ended."""

import os
import time
from typing import Any

from drdwrap.config.model import Config
from drdwrap.errors import RecordError
from drdwrap.escape import for_screen
from drdwrap.opening import preconditions
from drdwrap.record import intent as intents
from drdwrap.record import store
from drdwrap.state import State
from drdwrap.volumes.mountinfo import is_mount_point, mount_of, mounts


def status(config: Config) -> dict[str, Any]:
    """What there is to know without a scan. Writes nothing, and needs no lock.

    Keys: `booted`, `clone` (each root, device, and whether mounted), `created`, `last_sync`,
    `last_preview` (as the outcome has them), `interrupted` (a run was cut off), `problems`.
    """
    state = State.of(config)
    outcomes = state.read_outcomes()
    header = store.read_header(state.record)
    _, checks = preconditions(config)
    try:
        cut_off = intents.read(state.intent) is not None
    except RecordError:  # a damaged intent is open as well, and the next run says what to do
        cut_off = True
    return {
        "booted": _side(config.booted.root),
        "clone": _side(config.clone.root),
        "created": _date(header.created) if header and header.created else None,
        "record": {"generation": header.generation} if header else None,
        "last_sync": outcomes.get("sync"),
        "last_preview": outcomes.get("preview"),
        "last_clone": outcomes.get("clone"),
        "interrupted": cut_off,
        "problems": [f"not so: {check.name} ({check.found})" for check in checks if not check.ok],
    }


def _side(root: str) -> dict[str, Any]:
    path = os.path.realpath(os.fsencode(root))
    table = mounts()
    mounted = is_mount_point(path, table)
    device = for_screen(mount_of(path, table).source) if os.path.isdir(path) else None
    return {"root": root, "device": device, "mounted": mounted}


def _date(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
