"""``demo``: the main job on a throwaway pair, on any machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .lab.images import mount_points
from .lab.program import Program


def test_it_runs_by_itself_and_leaves_nothing(tmp_path: Path) -> None:
    mounted = mount_points()
    before = set(os.listdir(tempfile.gettempdir()))
    done = Program(["demo"], {**os.environ, "HOME": str(tmp_path)}, fresh=False).wait()
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    told = done.stdout.decode()
    for report in ("target_changed", "non_synced_location", "erased", "changed_on_clone_only"):
        assert report in told
    assert b"Traceback" not in done.stderr
    assert mount_points() == mounted
    left = set(os.listdir(tempfile.gettempdir())) - before
    assert not [name for name in left if "demo" in name]
