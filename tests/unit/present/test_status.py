"""`status` has something to say, whatever is in the files that it reads."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.odd_json import odd_json
from unit.record.test_odd_files import HEADER, NOTE, RESULT

from drdwrap.actions.status import status
from drdwrap.config.model import Config, from_mapping
from drdwrap.errors import DrdwrapError
from drdwrap.linux import clock
from drdwrap.present.status import show_status
from drdwrap.present.view import View
from drdwrap.record import store

LOCK = {"pid": 4711, "started": "2026-11-23 17:20:05"}
GOOD: dict[str, Any] = {
    "outcome.json": {"sync": RESULT, "preview": RESULT, "clone": RESULT, "periodic": RESULT},
    "lock": LOCK,
    "record": HEADER,
    "intent": {"pair": "id", "puts": 0},
    "shutdown": NOTE.decode(),
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "state").mkdir()
    return from_mapping(
        {
            "layout": "directories",
            "booted": {"root": str(tmp_path / "booted")},
            "clone": {"root": str(tmp_path / "clone")},
            "state_dir": str(tmp_path / "state"),
        }
    )


def shown(found: dict[str, Any]) -> str:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        show_status(View(), found)
        show_status(View(as_json=True), found)
    return told.getvalue()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_odd_files_never_end_it(tmp_path: Path, config: Config, data: st.DataObject) -> None:
    for name, good in GOOD.items():
        path = tmp_path / "state" / name
        path.unlink(missing_ok=True)
        if data.draw(st.booleans()):
            path.write_bytes(data.draw(odd_json(good)))
    with contextlib.ExitStack() as stack:
        if (tmp_path / "state/lock").exists():
            held = stack.enter_context((tmp_path / "state/lock").open())
            fcntl.flock(held, fcntl.LOCK_EX)
        told = shown(status(config))
    printed = told.partition("\n{\n")[0]
    assert all(line.isprintable() for line in printed.split("\n"))


@pytest.mark.parametrize("name", [*GOOD, "intent.more", "cloning", "shutdown-failed", "made-here"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_nothing_but_files_is_read(tmp_path: Path, config: Config, name: str, make: Any) -> None:
    make(tmp_path / "state" / name)
    begun = time.monotonic()
    with contextlib.suppress(DrdwrapError):
        assert shown(status(config))
    assert time.monotonic() - begun < 10


def results_at(state: Path, seconds: float) -> None:
    when = clock.as_text(seconds)
    result = {**RESULT, "started": when, "ended": when, "last_success": when}
    (state / "outcome.json").write_text(json.dumps({"sync": result}))


@pytest.mark.parametrize(
    ("ago", "in_future", "overdue"),
    [
        (60, False, False),
        (6 * 86400, False, False),
        (8 * 86400, False, True),
        (-1800, False, False),  # the last hour of summer time
        (-86400, True, True),
        (-365 * 86400, True, True),
    ],
)
def test_a_success_in_the_future_is_told(
    tmp_path: Path, config: Config, ago: float, in_future: bool, overdue: bool
) -> None:
    store.write(config.state_dir + b"/record", store.Header("id", 1, "a", "b"), [], [])
    when = time.time() - ago
    results_at(tmp_path / "state", when)
    found = status(config)
    assert (found["last_success_in_future"] is not None, found["overdue"]) == (in_future, overdue)
    told = shown(found)
    future = f"warning: the last sync that succeeded is dated in the future ({clock.as_text(when)})"
    assert (future in told) is in_future
    assert ("for longer than max_sync_age allows" in told) is (overdue and not in_future)


def test_an_earlier_success_still_counts(tmp_path: Path, config: Config) -> None:
    ended = {name: clock.as_text(time.time() + s) for name, s in (("clone", -60), ("sync", 1e6))}
    kept = {name: {"ended": when, "exit_status": 0} for name, when in ended.items()}
    (tmp_path / "state/outcome.json").write_text(json.dumps(kept))
    found = status(config)
    assert (found["last_success_in_future"], found["overdue"]) == (ended["sync"], False)
