"""The shutdown script, run by real shells, with fake programs around it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from drdwrap.sync import clone_notice

from .lab.images import command
from .lab.mounts import Mounts
from .lab.processes import processes, wait_until
from .lab.shutdown import AT_THE_LIMIT, Shutdown

SHELLS = {"dash": ["dash"], "busybox": ["busybox", "sh"], "bash": ["bash", "--posix"]}


@pytest.fixture(params=SHELLS)
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Shutdown:
    """The script under every shell that may be /bin/sh."""
    shell = SHELLS[request.param]
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    return Shutdown(tmp_path, shell)


@pytest.fixture
def by_dash(tmp_path: Path) -> Shutdown:
    """The script under one shell, where the shell makes no difference."""
    return Shutdown(tmp_path, ["sh"])


def test_it_is_clean(by_dash: Shutdown) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    by_dash.settings.write_bytes(render_settings())
    files = [by_dash.path, by_dash.settings]
    done = subprocess.run(["shellcheck", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def render_settings() -> bytes:
    from drdwrap.install import file_contents

    return file_contents.settings()


def test_as_the_machine_goes_down_drdwrap_is_run(script: Shutdown) -> None:
    told = script("stop").splitlines()
    assert script.called == ["sync"]
    assert told[0] == "drdwrap: bringing the clone up to date, for at most 300 s"
    assert told[1].startswith("drdwrap: the clone is up to date (")
    assert len(told) == 2
    assert script.noted["result"] == "done"
    assert script.warning == ""


def test_it_leads_a_session_of_its_own_and_has_no_input(by_dash: Shutdown) -> None:
    by_dash.calls("read -r x && exit 1; exec cat /proc/self/stat > $0.stat")
    by_dash("stop")
    fields = (by_dash.bin / "drdwrap.stat").read_text().rpartition(")")[2].split()
    pid = (by_dash.bin / "drdwrap.stat").read_text().split()[0]
    assert fields[3] == pid


@pytest.mark.parametrize(
    "state", ["running", "degraded", "starting", "initializing", "maintenance", "offline"]
)
def test_a_restart_or_removal_of_the_unit_does_nothing(by_dash: Shutdown, state: str) -> None:
    by_dash.fake("systemctl", f"[ $1 = list-jobs ] && echo No jobs listed. || echo {state}; exit 1")
    assert "not going down" in by_dash("stop")
    assert by_dash.called == [] and by_dash.noted == {}


@pytest.mark.parametrize(
    "body",
    ["exit 1", "echo unknown; exit 1", "exec sleep 61",
     "[ $1 = list-jobs ] && echo ' 99 shutdown.target start waiting' || echo starting"],
    ids=["no answer", "unknown", "blocks", "before it was up"],
)  # fmt: skip
def test_unless_systemd_says_otherwise_it_goes_down(by_dash: Shutdown, body: str) -> None:
    by_dash.fake("systemctl", body)
    by_dash.fake("timeout", 'shift; exec /usr/bin/timeout 0.3 "$@"')
    by_dash("stop")
    assert by_dash.called == ["sync"]


@pytest.mark.parametrize(("level", "runs"), [("0", 1), ("6", 1), ("1", 0), ("S", 0), ("2", 0)])
@pytest.mark.parametrize("told_by", ["init", "runlevel"])
def test_under_sysv_init_the_run_level_tells(
    by_dash: Shutdown, level: str, runs: int, told_by: str
) -> None:
    (by_dash.run / "systemd/system").rmdir()
    if told_by == "init":
        by_dash.environment["RUNLEVEL"] = level
    else:
        by_dash.fake("runlevel", f"echo 2 {level}")
    by_dash("stop")
    assert len(by_dash.called) == runs


def test_a_warning_is_no_failure(by_dash: Shutdown) -> None:
    by_dash.calls("echo drdwrap: warning: one is missing >&2; exit 2")
    told = by_dash("stop")
    assert "warning: one is missing" in told
    assert by_dash.noted["result"] == "warning"
    assert by_dash.warning == ""


def test_a_warning_that_says_nothing_has_a_message(by_dash: Shutdown) -> None:
    by_dash.set(VERBOSITY=0)
    by_dash.calls("exit 2")
    assert "done, except for some files; the log names them (" in by_dash("stop")
    assert by_dash.noted["message"] == "done, except for some files; the log names them"


@pytest.mark.parametrize(
    ("says", "message"),
    [("", "drdwrap ended with status 137"),
     ("half is done", "drdwrap ended with status 137, after: half is done")],
)  # fmt: skip
def test_the_last_line_of_a_killed_run_is_not_the_reason(
    script: Shutdown, says: str, message: str
) -> None:
    script.calls(f"echo drdwrap: {says}; kill -KILL $$")
    assert f"FAILED: {message} (" in script("stop", ok=1)
    assert script.noted["message"] == message


def test_a_failure_is_shown_at_each_boot_until_a_sync_succeeds(script: Shutdown) -> None:
    script("start")
    assert not (script.run / "motd.d").exists()
    script.calls("echo drdwrap: there is no clone >&2; exit 1")
    told = script("stop", ok=1)
    assert "FAILED: there is no clone" in told
    assert script.noted["result"] == "failed"
    assert script.noted["message"] == "there is no clone"
    for _ in range(2):
        told = script("start")
        assert told.startswith("<4>drdwrap: the sync of the clone at the shutdown of ")
        motd = script.run / "motd.d/drdwrap"
        assert "FAILED: there is no clone" in motd.read_text()
        assert motd.stat().st_mode & 0o444 == 0o444
    script.calls("exit 0")
    script("stop")
    assert script("start") == ""


def test_booted_from_the_clone_each_login_says_so(script: Shutdown) -> None:
    script.state.mkdir(exist_ok=True)
    notice = script.state / "clone-notice"
    notice.write_text(clone_notice.TEXT)
    assert script("start") == f"<4>{clone_notice.TEXT}"
    motd = script.run / "motd.d/drdwrap-clone"
    assert motd.read_text() == clone_notice.TEXT
    assert motd.stat().st_mode & 0o444 == 0o444
    assert not (script.run / "motd.d/drdwrap").exists()


def test_a_program_that_is_gone_is_a_failure(by_dash: Shutdown) -> None:
    (by_dash.bin / "drdwrap").unlink()
    assert "FAILED" in by_dash("stop", ok=1)
    assert by_dash.noted["result"] == "failed"


def test_without_a_place_for_its_output_drdwrap_still_runs(by_dash: Shutdown) -> None:
    (by_dash.run / "drdwrap").write_text("in the way")
    by_dash.calls("exit 1")
    by_dash("stop", ok=1)
    assert by_dash.called == ["sync"]
    assert by_dash.noted["result"] == "failed"


def test_switched_off_it_does_nothing(by_dash: Shutdown) -> None:
    by_dash.set(ENABLED="no")
    assert by_dash("stop") == ""
    assert by_dash.called == []
    assert "off at shutdown" in by_dash("status", ok=3)


def test_a_preview_warns_of_nothing(by_dash: Shutdown) -> None:
    by_dash.set(PREVIEW_ONLY="yes")
    by_dash.calls("exit 1")
    by_dash("stop", ok=1)
    assert by_dash.called == ["sync -p"]
    assert by_dash.warning == ""


def test_a_preview_that_ends_well_leaves_the_warning_of_a_sync_that_failed(
    by_dash: Shutdown,
) -> None:
    by_dash.calls("exit 1")
    by_dash("stop", ok=1)
    stands = by_dash.warning
    by_dash.calls("exit 0")
    by_dash.set(PREVIEW_ONLY="yes")
    by_dash("stop")
    assert by_dash.warning == stands != ""
    by_dash.set(PREVIEW_ONLY="no")
    by_dash("stop")
    assert by_dash.warning == ""


@pytest.mark.parametrize(
    ("verbosity", "flags"), [(0, " -qq"), (1, " -q"), (2, ""), (3, " -v"), (5, " -vvv"), ("x", "")]
)
def test_verbosity(by_dash: Shutdown, verbosity: object, flags: str) -> None:
    by_dash.set(VERBOSITY=verbosity)
    by_dash.calls("echo much")
    told = by_dash("stop")
    assert by_dash.called == [f"sync{flags}"]
    assert ("much" in told) == (verbosity in (3, 5))


@pytest.mark.parametrize(
    ("limit", "holds"),
    [("7", 7), ("1200", 1200), ("99999", 1200), ("99999999999999999999", 300), ("0", 300),
     ("-1", 300), ("5m", 300), ("''", 300)],
)  # fmt: skip
def test_the_limit_is_a_number_of_seconds_and_capped(
    by_dash: Shutdown, limit: str, holds: int
) -> None:
    by_dash.set(LIMIT=limit)
    assert f"for at most {holds} s" in by_dash("stop")
    assert by_dash.limits == [holds]


@pytest.mark.parametrize(
    "line",
    ["X='yes", "fi", ". /nonexistent", ": ${X:?unset}", "exit 0", "exec true", "set -e; false",
     "set -u; : $X", "set -n", "readonly ENABLED"],
)  # fmt: skip
def test_settings_that_end_the_shell_are_reported_and_not_used(script: Shutdown, line: str) -> None:
    script.settings.write_text(f"ENABLED=no\n{line}\nLIMIT=7\n")
    told = script("stop").splitlines()
    assert told[0] == f"drdwrap: the shell cannot run {script.settings}, and it is not used"
    assert "for at most 300 s" in told[1]
    assert len(told) == 3
    assert script.called == ["sync"]


@pytest.mark.parametrize(
    ("value", "means"),
    [("No", False), ("FALSE", False), ("off", False), ("0", False), ("no\r", False),
     ("YES", True), ("True", True), ("ON", True), ("1", True), ("yes\r", True),
     ("''", None), ("\r", None), ("nope", None), ("yes\\ no", None), ("10", None)],
)  # fmt: skip
@pytest.mark.parametrize(("name", "default"), [("ENABLED", True), ("PREVIEW_ONLY", False)])
def test_yes_and_no_in_other_words(
    by_dash: Shutdown, name: str, default: bool, value: str, means: bool | None
) -> None:
    by_dash.set(**{name: value})
    told = by_dash("stop")
    word = {True: "yes", False: "no"}[default]
    complaint = f"drdwrap: the setting {name} is not understood: {word} is used\n"
    assert told.count(complaint) == told.count("not understood") == (means is None)
    is_on = default if means is None else means
    calls = {"ENABLED": ["sync"] * is_on, "PREVIEW_ONLY": ["sync -p" if is_on else "sync"]}
    assert by_dash.called == calls[name]


def test_a_settings_file_with_carriage_returns(script: Shutdown) -> None:
    lines = ["# From elsewhere", "", "PREVIEW_ONLY=TRUE", "LIMIT=7", "export VERBOSITY=3", ""]
    script.settings.write_bytes("\r\n".join(lines).encode())
    told = script("stop")
    assert "for at most 7 s" in told and "not understood" not in told
    assert script.called == ["sync -p -v"]


@pytest.mark.parametrize(
    ("name", "default", "value"),
    [("LIMIT", 300, "5m"), ("LIMIT", 300, "0"), ("VERBOSITY", 2, "6"), ("VERBOSITY", 2, "''")],
)
def test_numbers_that_are_not_understood_are_reported(
    by_dash: Shutdown, name: str, default: int, value: str
) -> None:
    by_dash.set(**{name: value})
    complaint = f"drdwrap: the setting {name} is not understood: {default} is used\n"
    assert complaint in by_dash("stop")
    assert by_dash.called == ["sync"]


def test_options_that_settings_set_do_not_matter(script: Shutdown) -> None:
    script.set(LIMIT=1, IFS="n", X="; set -aCefmuvx")
    script.calls("trap '' TERM; exec sleep 61")
    assert "LIMIT" not in script("stop", ok=1), "set -x of the settings has no effect"
    assert script.noted["result"] == "cut off"
    assert not ours(script)


def test_start_does_not_read_the_settings(script: Shutdown) -> None:
    script.settings.write_text(f"echo > {script.home}/read; exit 1\n")
    for word in ("start", "restart", "force-reload"):
        assert script(word) == ""
    assert not (script.home / "read").exists()
    assert f"the shell cannot run {script.settings}" in script("status")


def with_much_grace(script: Shutdown) -> None:
    """Give drdwrap more time to end cleanly than it needs on a busy machine."""
    script.calls_command([str(script.bin / "drdwrap"), "sync"], script.state, grace=10)


def test_at_the_limit_it_ends_cleanly(script: Shutdown) -> None:
    script.set(LIMIT=1)
    script.calls(f"trap 'exit 142' ALRM; {AT_THE_LIMIT} while :; do sleep 0.1; done")
    with_much_grace(script)
    told, seconds = script.timed("stop", ok=1)
    assert "was cut off: the limit of 1 s was reached" in told
    assert seconds < 8
    assert script.noted["result"] == "cut off"
    assert "was cut off: the limit" in script.warning


def test_a_run_that_is_done_soon_after_the_limit_is_done(by_dash: Shutdown) -> None:
    by_dash.set(LIMIT=1)
    by_dash.calls(f"trap 'exit 0' ALRM; {AT_THE_LIMIT} while :; do sleep 0.1; done")
    with_much_grace(by_dash)
    by_dash("stop")
    assert by_dash.noted["result"] == "done"


def test_a_stopped_run_is_continued_so_that_it_ends(script: Shutdown) -> None:
    script.set(LIMIT=1)
    ends = f"trap 'echo > {script.home}/ended; exit 142' ALRM; {AT_THE_LIMIT}"
    script.calls(f"{ends} kill -STOP $$; while :; do sleep 0.1; done")
    with_much_grace(script)
    _, seconds = script.timed("stop", ok=1)
    assert (script.home / "ended").exists()
    assert seconds < 8
    assert script.noted["result"] == "cut off"


def test_a_run_that_ignores_its_limit_is_killed_with_its_children(script: Shutdown) -> None:
    script.set(LIMIT=1)
    program = script.fake("stubborn", "sleep 61 & kill -STOP $$")
    script.calls(f"trap '' TERM; {program} & sleep 61")
    _, seconds = script.timed("stop", ok=1)
    assert seconds < 5
    assert script.noted["result"] == "cut off"
    wait_until(lambda: not ours(script), "all have ended", patience=2)


def ours(script: Shutdown) -> list[int]:
    """The processes that the script has started, directly or not."""
    found = []
    for process in processes():
        try:
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(f"{script.home}") in environment:
            found.append(process.pid)
    return found


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[0]


def test_nothing_of_the_watchdog_is_left(script: Shutdown) -> None:
    script.set(LIMIT=291)
    script("stop")
    wait_until(lambda: not ours(script), "all have ended")


def test_what_cannot_even_be_killed_is_not_waited_for(script: Shutdown, mounts: Mounts) -> None:
    """A process that writes to a frozen file system sleeps uninterruptibly."""
    point = mounts.image("frozen").point
    script.set(LIMIT=1)
    script.calls(f"echo > {point}/file")
    command("fsfreeze", "--freeze", point)
    try:
        told, seconds = script.timed("stop", ok=1)
        assert "was cut off" in told
        assert seconds < 4
        assert [p for p in ours(script) if state(p) == "D"]
    finally:
        command("fsfreeze", "--unfreeze", point)
    wait_until(lambda: not ours(script), "it has ended")


def test_a_state_directory_that_hangs_is_not_waited_for(script: Shutdown, mounts: Mounts) -> None:
    point = mounts.image("frozen").point
    script.set(LIMIT=1)
    script.calls_command([str(script.bin / "drdwrap"), "sync"], point)
    script.fake("sleep", "exec /bin/sleep 0.2")
    command("fsfreeze", "--freeze", point)
    with subprocess.Popen(
        [*script.shell, script.path, "stop"],
        env=script.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            told = running.communicate(timeout=10)[0]
        finally:
            command("fsfreeze", "--unfreeze", point)
    assert "was cut off: the limit of 1 s was reached" in told
    assert f"how it ended cannot be kept in {point}" in told
    assert script.called == []
    wait_until(lambda: not ours(script), "all have ended")


def test_a_state_directory_that_cannot_be_made_is_reported(by_dash: Shutdown) -> None:
    by_dash.state.write_text("in the way")
    assert f"how it ended cannot be kept in {by_dash.state}" in by_dash("stop")
    assert by_dash.called == ["sync"]


def test_a_power_cut_during_the_sync_is_reported_at_the_boot(by_dash: Shutdown) -> None:
    by_dash.set(LIMIT=291)
    by_dash.calls("exec sleep 61")
    with subprocess.Popen(
        [*by_dash.shell, by_dash.path, "stop"],
        env=by_dash.environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:
        wait_until(lambda: bool(by_dash.called), "it has begun")
        os.killpg(running.pid, signal.SIGKILL)
        for pid in ours(by_dash):
            os.kill(pid, signal.SIGKILL)
    assert by_dash.noted["result"] == "cut off"
    assert "was cut off: the machine went down while it ran." in by_dash("start")


def test_start_is_quick_and_never_fails(by_dash: Shutdown) -> None:
    (by_dash.home / "subsys").mkdir()
    begun = time.monotonic()
    assert by_dash("start") == by_dash("restart") == by_dash("force-reload") == ""
    assert time.monotonic() - begun < 2
    assert (by_dash.home / "subsys/drdwrap").exists()
    by_dash("stop")
    assert not (by_dash.home / "subsys/drdwrap").exists()


def test_start_goes_on_without_its_mark(script: Shutdown) -> None:
    (script.home / "subsys/drdwrap").mkdir(parents=True)
    script.calls("exit 1")
    script("stop", ok=1)
    assert "FAILED" in script("start")


def test_status_tells_of_the_last_run(by_dash: Shutdown) -> None:
    assert "last run: none" in by_dash("status")
    by_dash("stop")
    told = by_dash("status")
    assert "done, the clone is up to date" in told


def test_another_word_is_a_usage_error(by_dash: Shutdown) -> None:
    assert "Usage" in by_dash("begin", ok=2)
