"""The times of the sync at shutdown: each reaches the file that it is for."""

from __future__ import annotations

import re
import signal

from drdwrap.install import file_contents, limits


def script() -> str:
    return file_contents.script(["/usr/bin/drdwrap", "sync"], "/var/lib/drdwrap").decode()


def test_the_settings_file_has_the_usual_and_the_longest_limit() -> None:
    text = file_contents.settings().decode()
    assert re.findall(r"^LIMIT=(.*)$", text, re.MULTILINE) == ["300"] == [str(limits.USUAL)]
    assert f"up to {limits.LONGEST}." in text


def test_the_script_has_the_same_ones() -> None:
    assert f"setting LIMIT {limits.USUAL} 1 " in script()
    assert f"LIMIT={limits.LONGEST}\n" in script()
    assert f'within "$LIMIT" {limits.GRACE}\n' in script()


def test_the_script_knows_the_exit_status_of_a_run_that_reached_its_limit() -> None:
    assert f"\n    {128 + signal.SIGALRM})\n" in script()


def test_the_unit_allows_what_the_script_can_take() -> None:
    """And systemd has not forced the machine down by then."""
    unit = file_contents.shutdown_unit("/etc/init.d/drdwrap", ["/var/lib/drdwrap"]).decode()
    found = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    assert found
    script_takes = limits.LONGEST + limits.GRACE + limits.PATIENCE
    script_takes += limits.KEEPING + limits.PATIENCE + 2 * limits.ANSWER
    assert script_takes < int(found[1]) < 30 * 60
