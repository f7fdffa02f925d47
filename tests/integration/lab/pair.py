"""A booted tree and a clone, each a file system of its own, and drdwrap run on them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from .processes import lock_is_held, wait_until
from .program import Program
from .snapshot import Tree, differences, snapshot

REPORTS = {
    "to_be_copied": "files_to_be_copied_by_drd_sync",
    "location": "filtered_out_by_non_synced_location_filter_sync_phase",
    "target_changed": "filtered_out_by_target_changed_filter_sync_phase",
    "nonvolatile": "filtered_out_by_nonvolatile_filter_sync_phase",
    "volatile": "filtered_out_by_volatile_filter_sync_phase",
    "owner": "filtered_out_by_owner_filter_sync_phase",
    "erased": "erased_on_booted_system",
    "clone_only": "changed_on_clone_only",
}

FRESH = bool(os.environ.get("DRDWRAP_TEST_FRESH"))
"""Start an interpreter for every single run; slower, and nearer to what a user does."""


class Pair:
    """What one test works on. Nothing of it outlives the test but the emptied images."""

    def __init__(self, home: Path, booted: Path, clone: Path) -> None:
        self.home = home
        self.booted = booted
        self.clone = clone
        self.state = home / "state"
        self.log = home / "drdwrap.log"
        self.config = home / "drdwrap.yaml"
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        self._settings: dict[str, Any] = {
            "layout": "directories",
            "booted": {"root": str(booted), "volumes": ["/"]},
            "clone": {"root": str(clone), "require_mount": True},
            "packages": "none",
            # A few files are all there is: a tenth of the record would be one of them.
            "max_deletions": 10_000,
            "state_dir": str(self.state),
            "log_file": str(self.log),
        }
        self.configure()

    def configure(self, **overrides: Any) -> None:
        """Change keys of the configuration, mappings key by key, and write it."""
        _merge(self._settings, overrides)
        self.config.write_text(yaml.safe_dump(self._settings))
        self.config.chmod(0o600)

    def start(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        fresh: bool = FRESH,
        prepare: Callable[[], None] | None = None,
    ) -> Program:
        command = ["--config", str(self.config), *arguments]
        return Program(command, {**self.env, **(env or {})}, fresh=fresh, prepare=prepare)

    def run(
        self,
        *arguments: str,
        ok: int = 0,
        env: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        fresh: bool = FRESH,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command that must end with the status ``ok``, and never with a traceback.

        Nor may it name a path that only drdwrap sees.
        """
        done = self.start(*arguments, env=env, fresh=fresh).wait(timeout)
        told = f"{' '.join(arguments)}: exit {done.returncode}, not {ok}\n" + (
            done.stdout + done.stderr
        ).decode(errors="backslashreplace")
        assert done.returncode == ok, told
        assert b"Traceback" not in done.stderr, told
        assert os.fsencode(self.state / "trees") not in done.stdout + done.stderr, told
        return done

    def json(
        self, *arguments: str, ok: int = 0, env: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(self.run("--json", *arguments, ok=ok, env=env).stdout)
        return result

    def counts(self, *arguments: str, ok: int = 0) -> dict[str, int]:
        counts: dict[str, int] = self.json(*arguments, ok=ok)["counts"]
        return counts

    def clone_fill(self) -> None:
        self.run("clone")

    def sync(self, *arguments: str, ok: int = 0) -> dict[str, int]:
        """Sync and return the counts."""
        return self.counts("sync", *arguments, ok=ok)

    def preview(self, *arguments: str, ok: int = 0) -> dict[str, int]:
        return self.counts("preview", *arguments, ok=ok)

    def report_file(self, short_name: str) -> Path:
        return self.state / "sync" / REPORTS[short_name]

    def report(self, short_name: str) -> list[bytes]:
        """The paths in a report of the last run, as on the booted system: ``b"/etc/hosts"``."""
        return [unescape(line) for line in self.report_file(short_name).read_bytes().splitlines()]

    def reports(self) -> dict[str, list[bytes]]:
        """Every report that is not empty."""
        return {name: paths for name in REPORTS if (paths := self.report(name))}

    def both(self, **options: bool) -> tuple[Tree, Tree]:
        return snapshot(self.booted, **options), snapshot(self.clone, **options)

    def differences(self, *ignoring: str | bytes, **options: bool) -> list[str]:
        """Where the clone is not as the booted tree; directory times do not count."""
        return differences(*self.both(**options), ignoring=[os.fsencode(p) for p in ignoring])

    def wait_for_lock(self) -> None:
        """Wait until nothing of an earlier run is left, its rsync included."""
        lock = self.state / "lock"
        wait_until(lambda: not lock_is_held(lock), "the lock is free")

    def temporary_files(self) -> list[bytes]:
        """What a killed rsync, or drdwrap itself, may have left on the clone."""
        return [
            path
            for path in snapshot(self.clone)
            if b"drdwrap" in path or re.search(rb"(^|/)\.[^/]+\.[A-Za-z0-9]{5,6}$", path)
        ]


def _merge(settings: dict[str, Any], overrides: Mapping[str, Any]) -> None:
    for key, value in overrides.items():
        if isinstance(value, Mapping) and isinstance(settings.get(key), dict):
            _merge(settings[key], value)
        else:
            settings[key] = value


def unescape(line: bytes) -> bytes:
    return re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), line)
