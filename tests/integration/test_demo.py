"""``demo``: the main job on a throwaway pair, on any machine."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from .lab.images import mount_points
from .lab.pair import REPORTS
from .lab.program import Program


def test_it_runs_by_itself_and_leaves_nothing(tmp_path: Path) -> None:
    mounted = mount_points()
    before = set(os.listdir(tempfile.gettempdir()))
    done = Program(["demo"], {**os.environ, "HOME": str(tmp_path)}, fresh=False).wait()
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    told = done.stdout.decode()
    for name in REPORTS.values():
        short = name.removeprefix("filtered_out_by_").partition("_filter_sync_phase")[0]
        short = "files_to_be_copied" if short.startswith("files_to_be_copied") else short
        assert re.search(rf" [1-9]\d* +[\d,]+ +{short} *$", told, re.MULTILINE), name
    assert b"Traceback" not in done.stderr
    assert mount_points() == mounted
    left = set(os.listdir(tempfile.gettempdir())) - before
    assert not [name for name in left if "demo" in name]
