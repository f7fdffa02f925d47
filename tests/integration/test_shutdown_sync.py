"""drdwrap run by the shutdown script: what is on the clone, and what `status` shows."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from drdwrap.install import installed, notice
from drdwrap.install.places import Places

from .lab.files import put
from .lab.pair import Pair
from .lab.processes import family, lock_is_held, wait_until
from .lab.program import CHECKOUT, Program
from .lab.shutdown import Shutdown


@pytest.fixture
def shutdown(filled: Pair, tmp_path: Path) -> Shutdown:
    """The script, which runs drdwrap for the pair."""
    (tmp_path / "script").mkdir()
    script = Shutdown(tmp_path / "script", ["sh"])
    words = [sys.executable, "-m", "drdwrap", "--config", str(filled.config), "sync"]
    path = ["env", f"PYTHONPATH={CHECKOUT}"]
    script.calls_command([*path, *words, "--occasion", "shutdown"], filled.state, grace=10)
    return script


def status(pair: Pair) -> dict[str, Any]:
    found: dict[str, Any] = pair.json("status")
    return found


def slow_down(pair: Pair) -> None:
    """A copy takes half a minute."""
    pair.configure(rsync={"options": ["--bwlimit=1000"]})
    for number in range(30):
        put(pair.booted, f"srv/new/{number:02}", os.urandom(1_000_000))


def test_what_was_written_last_is_on_the_clone(filled: Pair, shutdown: Shutdown) -> None:
    assert status(filled)["shutdown"]["last_run"] is None
    put(filled.booted, "etc/motd", b"the last second\n")
    told = shutdown("stop").splitlines()
    assert (filled.clone / "etc/motd").read_bytes() == b"the last second\n"
    assert len(told) == 2 and "the clone is up to date" in told[1]
    found = status(filled)
    assert found["shutdown"]["last_run"]["result"] == "done"
    assert found["shutdown"]["failed"] is False
    assert found["last_sync"]["exit_status"] == 0
    assert "done: the clone is up to date" in filled.run("status").stdout.decode()


def test_a_failure_stands_until_a_sync_succeeds(filled: Pair, shutdown: Shutdown) -> None:
    (filled.clone / "etc").rename(filled.clone / "away")
    (filled.state / "record").rename(filled.home / "record")
    (filled.state / "record").write_bytes(b"damaged\n")
    told = shutdown("stop", ok=1)
    assert "FAILED: " in told and "record" in told
    assert "warning: the last sync at shutdown failed" in filled.run("status").stdout.decode()
    assert shutdown("start") != ""
    (filled.home / "record").replace(filled.state / "record")
    (filled.clone / "away").rename(filled.clone / "etc")
    filled.preview()
    assert shutdown.warning
    filled.sync()
    assert shutdown("start") == ""
    assert status(filled)["shutdown"]["failed"] is False


def test_the_message_at_the_login_goes_too(
    filled: Pair, shutdown: Shutdown, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutdown.calls("exit 1")
    shutdown.calls_command([str(shutdown.bin / "drdwrap")], filled.state)
    shutdown("stop", ok=1)
    shutdown("start")
    motd = shutdown.run / "motd.d/drdwrap"
    assert motd.exists()
    monkeypatch.setattr(notice, "MOTD", os.fsencode(motd))
    filled.sync()
    assert not motd.exists()


def test_a_preview_copies_nothing(filled: Pair, shutdown: Shutdown) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    before = (filled.clone / "etc/motd").read_bytes()
    shutdown.set(PREVIEW_ONLY="yes")
    shutdown("stop")
    assert (filled.clone / "etc/motd").read_bytes() == before
    assert filled.report("to_be_copied") == [b"/etc/motd"]


def assert_put_right(pair: Pair) -> None:
    assert not lock_is_held(pair.state / "lock")
    pair.configure(rsync={"options": []})
    assert status(pair)["shutdown"]["failed"] is True
    pair.sync()
    assert pair.differences() == []
    assert status(pair)["shutdown"]["failed"] is False


def test_cut_off_at_the_limit_it_is_repaired_by_the_next(filled: Pair, shutdown: Shutdown) -> None:
    slow_down(filled)
    shutdown.set(LIMIT=2)
    told, seconds = shutdown.timed("stop", ok=1)
    assert "was cut off: the limit of 2 s" in told
    assert seconds < 8
    assert status(filled)["shutdown"]["last_run"]["result"] == "cut off"
    assert filled.temporary_files() == []
    assert_put_right(filled)


def test_a_stopped_rsync_holds_nothing_up(filled: Pair, shutdown: Shutdown) -> None:
    """It is continued so that it ends cleanly, and not killed."""
    slow_down(filled)
    shutdown.set(LIMIT=2)
    shutdown.fake("rsync", 'kill -STOP $$; exec /usr/bin/rsync "$@"')
    _, seconds = shutdown.timed("stop", ok=1)
    assert seconds < 8
    assert status(filled)["last_sync"]["error"] == "the time limit of 2 s was reached"
    assert_put_right(filled)


@pytest.fixture
def hanging(filled: Pair, tmp_path: Path) -> dict[str, str]:
    """An environment in which every copy hangs."""
    rsync = tmp_path / "bin/rsync"
    rsync.parent.mkdir()
    rsync.write_text("#!/bin/sh\nexec sleep 61\n")
    rsync.chmod(0o755)
    put(filled.booted, "etc/motd", b"changed\n")
    return {"PATH": f"{rsync.parent}:{os.environ['PATH']}"}


def test_a_time_limit_ends_a_sync_that_hangs(filled: Pair, hanging: dict[str, str]) -> None:
    begun = time.monotonic()
    done = filled.run("sync", "--time-limit", "1", env=hanging, ok=128 + signal.SIGALRM)
    assert time.monotonic() - begun < 10
    assert done.stderr == b"drdwrap: the time limit of 1 s was reached\n"
    assert "the time limit of 1 s was reached" in filled.log.read_text()
    assert not lock_is_held(filled.state / "lock")
    assert filled.temporary_files() == []
    found = status(filled)
    assert found["last_sync"]["exit_status"] == 142
    assert found["last_sync"]["error"] == "the time limit of 1 s was reached"
    assert found["interrupted"] is False, "it ended cleanly"
    assert "exit status 142: the time limit of 1 s" in filled.run("status").stdout.decode()
    filled.sync()
    assert filled.differences() == []
    assert status(filled)["last_sync"]["exit_status"] == 0


def test_json_says_that_the_time_limit_was_reached(filled: Pair, hanging: dict[str, str]) -> None:
    told = filled.json("sync", "--time-limit", "1", env=hanging, ok=142)
    assert told == {"error": "the time limit of 1 s was reached", "hint": "", "exit_status": 142}


def test_what_arrived_before_the_time_limit_is_kept(filled: Pair) -> None:
    slow_down(filled)
    filled.run("sync", "--time-limit", "3", ok=142)
    arrived = len(list((filled.clone / "srv/new").iterdir()))
    assert 0 < arrived < 30
    filled.configure(rsync={"options": []})
    assert filled.sync()["copied"] == 30 - arrived
    assert filled.differences() == []


def test_a_time_limit_that_is_not_reached_changes_nothing(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"changed\n")
    assert filled.sync("--time-limit", "60")["copied"] == 1


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "1m", ""])
def test_a_time_limit_is_a_whole_number_of_seconds(filled: Pair, limit: str) -> None:
    assert b"--time-limit" in filled.run("sync", "--time-limit", limit, ok=1).stderr


def test_a_run_that_is_going_makes_way(filled: Pair, shutdown: Shutdown) -> None:
    slow_down(filled)
    periodic = filled.start("sync", "--occasion", "periodic", "--skip-if-running")
    wait_until(lambda: (filled.clone / ".drdwrap.tmp/new/srv/new/00").exists(), "it copies")
    for process in family(periodic.pid):
        os.kill(process.pid, signal.SIGSTOP)
    filled.configure(rsync={"options": []})
    shutdown("stop")
    assert periodic.wait(10).returncode == 143
    assert shutdown.noted["result"] == "done"
    assert filled.differences() == []
    found = status(filled)
    assert found["periodic"]["last_run"]["exit_status"] == 143
    assert found["last_sync"]["exit_status"] == 0


def test_a_periodic_run_is_quiet_and_skips_with_a_note(filled: Pair) -> None:
    words = ("sync", "--occasion", "periodic", "--skip-if-running")
    put(filled.booted, "etc/motd", b"changed\n")
    done = filled.run(*words)
    assert done.stdout + done.stderr == b""
    assert status(filled)["periodic"]["last_run"]["exit_status"] == 0
    slow_down(filled)
    running = filled.start("sync")
    wait_until(lambda: lock_is_held(filled.state / "lock"), "it has begun")
    done = filled.run(*words)
    assert done.stdout + done.stderr == b""
    assert "Skipped: another run holds the lock" in filled.log.read_text()
    running.signal(signal.SIGTERM)
    running.wait()


def test_status_finds_what_is_installed(tmp_path: Path, filled: Pair) -> None:
    from drdwrap.record.state_directory import StateDirectory

    state, root = StateDirectory(os.fsencode(filled.state)), tmp_path / "root"
    root.mkdir()
    places = Places(root)
    assert installed.shutdown(places, state)["installed"] == []
    assert installed.periodic(places, {}) == {
        "cron": None, "timer": None, "enabled": False, "last_run": None, "next_run": None,
    }  # fmt: skip
    install(root, "shutdown", "-x", f"state_dir={filled.state}")
    install(root, "timer", "--on-calendar", "weekly")
    assert installed.shutdown(places, state)["installed"] == ["systemd"]
    for level in (0, 6):
        (root / f"etc/rc{level}.d").mkdir()
        (root / f"etc/rc{level}.d/K03drdwrap").symlink_to("../init.d/drdwrap")
    assert installed.shutdown(places, state)["installed"] == ["systemd", "sysv"]
    assert installed.shutdown(places, state)["enabled"] is True
    settings = root / "etc/default/drdwrap"
    settings.write_text(settings.read_text().replace("ENABLED=yes", "ENABLED=no"))
    assert installed.shutdown(places, state)["enabled"] is False
    found = installed.periodic(places, {})
    assert (found["timer"], found["cron"], found["enabled"]) == ("weekly", None, True)
    install(root, "cron", "--schedule", "5 4 * * *")
    found = installed.periodic(places, {"periodic": {"exit_status": 0}})
    assert found["cron"] == "5 4 * * *"
    assert found["next_run"].endswith(" 04:05:00")
    assert found["next_run"] > time.strftime("%Y-%m-%d %H:%M:%S")
    assert found["last_run"] == {"exit_status": 0}
    install(root, "cron", "--schedule", "@daily")
    assert installed.periodic(places, {})["cron"] == "@daily"
    cron = root / "etc/cron.d/drdwrap"
    cron.write_text(cron.read_text().replace("@daily", "#@daily"))
    assert installed.periodic(places, {})["cron"] is None
    cron.write_text(cron.read_text().replace("#@daily", "# 1 2 * * *"))
    assert installed.periodic(places, {})["cron"] is None


def test_status_tells_what_keeps_it_from_running(tmp_path: Path, filled: Pair) -> None:
    from drdwrap.record.state_directory import StateDirectory

    state, root = StateDirectory(os.fsencode(filled.state)), tmp_path / "root"
    root.mkdir()
    install(root, "shutdown", "--init", "systemd", "-x", f"state_dir={filled.state}")

    def problems() -> list[str]:
        found = installed.shutdown(Places(root), state)
        assert found["enabled"] is (not found["problems"] and os.path.isdir("/run/systemd/system"))
        told: list[str] = found["problems"]
        return told

    assert problems() == []
    install(root, "shutdown", "--init", "systemd", "-x", f"state_dir={filled.state}/")
    assert problems() == []
    script = root / "etc/drdwrap/shutdown"
    script.chmod(0o644)
    assert ["is not executable" in told for told in problems()] == [True]
    script.chmod(0o755)
    install(root, "shutdown", "--init", "systemd")
    assert ["another state_dir" in told for told in problems()] == [True]
    script.unlink()
    assert ["is gone" in told for told in problems()] == [True]
    masked = root / "etc/systemd/system/drdwrap.service"
    masked.symlink_to("/dev/null")
    assert installed.shutdown(Places(root), state)["installed"] == []


def install(root: Path, *words: str) -> None:
    command = ["--json", "install", *words, "--root", str(root), "--program", "/usr/bin/drdwrap"]
    done = Program(command, {"PATH": os.environ["PATH"]}, fresh=False).wait()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["written"]
