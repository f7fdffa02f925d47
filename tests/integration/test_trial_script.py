"""The script that bounds a trial, run by real shells, with fake programs around it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from drdwrap.boot.selection.image_state import FAILED, GOOD, OFF, STARTED, TRYING, why_failed

from .lab.trial import Trial

SHELLS = {"dash": ["dash"], "busybox": ["busybox", "sh"], "bash": ["bash", "--posix"]}


@pytest.fixture(params=SHELLS)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    """A trial under every shell that may be /bin/sh."""
    shell = SHELLS[request.param]
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    return Trial(tmp_path, shell, [["test", "-e", "/"], ["sh", "-c", "exit 0"]])


@pytest.fixture
def by_sh(tmp_path: Path) -> Trial:
    return Trial(tmp_path, ["sh"])


def test_it_is_clean(tmp_path: Path) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    script = Trial(tmp_path, ["sh"], [["echo", "a b"]]).path
    done = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_good_trial_is_confirmed(trial: Trial) -> None:
    assert "on trial" not in trial("begin")
    assert trial.state.stage == STARTED
    message = trial.home / "run/motd.d/drdwrap-trial"
    assert "drd00 is on trial" in message.read_text()
    assert "within 15 min" in message.read_text()
    assert "has passed" in trial("confirm")
    assert (trial.state.state, trial.state.reason) == (GOOD, "")
    assert trial.state.serial == 7
    assert not message.exists()
    assert trial.panic.read_text() == "0\n"
    assert trial.reboots == []
    trial("deadline")
    trial("stop")
    assert trial.state.state == GOOD
    assert trial.reboots == []


def test_a_health_command_that_fails_ends_it(tmp_path: Path) -> None:
    trial = Trial(tmp_path, ["sh"], [["sh", "-c", "exit 3"], ["touch", str(tmp_path / "second")]])
    trial("begin")
    said = trial("confirm", ok=1)
    assert (
        "the trial of drd00 failed: the health command 'sh -c exit 3' ended with status 3" in said
    )
    assert trial.state.state == FAILED
    assert why_failed(trial.state) == "the health command 'sh -c exit 3' ended with status 3"
    assert trial.reboots[0] == "systemctl --no-block reboot"
    assert not (tmp_path / "second").exists()


def test_the_deadline_ends_it_and_says_what_it_waits_for(trial: Trial) -> None:
    trial.fake("systemctl", "[ $1 != list-jobs ] || echo '17 slow.service start running'")
    trial("begin")
    trial("deadline")
    assert trial.state.state == FAILED
    assert trial.state.reason == "it was not good within 15 min, waiting for slow.service"
    assert "systemctl --no-block reboot" in trial.reboots


def test_an_emergency_shell_ends_it(by_sh: Trial) -> None:
    by_sh.fake("journalctl", "")
    by_sh.fake("systemctl", "[ $1 != list-units ] || echo 'srv.mount loaded failed failed /srv'")
    by_sh("emergency")
    assert by_sh.state.reason == "it ended in an emergency shell: srv.mount failed"
    assert by_sh.reboots


def test_a_missing_disk_is_named(by_sh: Trial) -> None:
    by_sh.fake("journalctl", "echo Mounted; echo 'Timed out waiting for device /dev/x.'; echo End")
    by_sh("emergency")
    assert by_sh.state.reason == (
        "it ended in an emergency shell: Timed out waiting for device /dev/x"
    )


def test_an_emergency_shell_can_come_before_all_else(by_sh: Trial) -> None:
    """/run/drdwrap is not there yet, and nothing is mounted."""
    block = by_sh.block.read_bytes()
    shutil.rmtree(by_sh.run)
    by_sh.fake("mount", f"cp {by_sh.home}/kept $2/drdwrap.env")
    (by_sh.home / "kept").write_bytes(block)
    by_sh("emergency")
    assert by_sh.state.reason == "it ended in an emergency shell"
    assert by_sh.reboots


def test_what_begins_and_what_ends_a_trial_do_not_overwrite_each_other(by_sh: Trial) -> None:
    by_sh.fake("mount", "/bin/sleep 0.2")
    words = ("begin", "emergency", "deadline", "stop")
    command = [*by_sh.shell, str(by_sh.path)]
    running = [subprocess.Popen([*command, word], stdout=subprocess.DEVNULL) for word in words]
    assert [one.wait(20) for one in running] == [0, 0, 0, 0]
    assert by_sh.state.state == FAILED
    assert by_sh.state.reason


def test_a_reboot_that_systemd_refuses_at_first_is_tried_again(by_sh: Trial) -> None:
    tries = by_sh.home / "tries"
    refuse = f"[ $1 != --no-block ] || {{ echo >> {tries}; [ $(wc -l < {tries}) -gt 2 ]; }}"
    by_sh.fake("systemctl", refuse)
    by_sh("emergency")
    assert by_sh.reboots == ["systemctl --no-block reboot"] * 3 + ["systemctl --force reboot"]


def test_a_shutdown_during_the_trial_is_its_end(by_sh: Trial) -> None:
    by_sh("begin")
    by_sh("stop")
    assert by_sh.state.state == FAILED
    assert "shut down or restarted" in by_sh.state.reason
    assert by_sh.reboots == []
    by_sh("confirm")
    assert by_sh.state.state == FAILED


@pytest.mark.parametrize("word", ["begin", "confirm", "deadline", "emergency", "stop"])
def test_outside_a_trial_it_does_nothing(by_sh: Trial, word: str) -> None:
    before = by_sh.block.read_bytes()
    (by_sh.kernel / "cmdline").write_text("root=/dev/x ro panic=30\n")
    by_sh(word)
    assert (by_sh.block.read_bytes(), by_sh.called) == (before, [])


@pytest.mark.parametrize("change", [{"state": OFF}, {"state": GOOD}, {"trial": "ffffffff"}])
def test_the_kernels_word_alone_makes_no_trial(by_sh: Trial, change: dict[str, str]) -> None:
    """Somebody chose the trial's entry in GRUB's menu."""
    by_sh.state = replace(by_sh.state, **change)  # type: ignore[arg-type]
    before = by_sh.state
    by_sh("begin")
    by_sh("confirm")
    assert by_sh.state == before
    assert by_sh.panic.read_text() == "30\n"


def test_a_state_that_cannot_be_written_goes_back_all_the_same(by_sh: Trial) -> None:
    by_sh.fake("mount", "exit 1")
    assert "the reason cannot be kept" in by_sh("emergency")
    assert by_sh.state.state == TRYING
    assert by_sh.reboots


@pytest.mark.parametrize("panic", ["0", "60"])
def test_a_sysctl_of_the_image_does_not_keep_a_panic_from_restarting(
    by_sh: Trial, panic: str
) -> None:
    by_sh.panic.write_text(f"{panic}\n")
    by_sh("begin")
    assert by_sh.panic.read_text() == {"0": "30\n", "60": "60\n"}[panic]
    by_sh("confirm")
    assert by_sh.panic.read_text() == f"{panic}\n"


NVRAM = """
order={home}/order
case $1 in
'') echo "BootCurrent: 0003"; echo "BootOrder: $(cat $order)" ;;
-q) {write} ;;
esac
"""


@pytest.mark.parametrize("order", ["0001,0003,0002", "0003,0001", "0001"])
def test_under_uefi_it_is_put_first(trial: Trial, order: str) -> None:
    (trial.home / "order").write_text(order)
    trial.fake("efibootmgr", NVRAM.format(home=trial.home, write="echo $3 > $order"))
    trial.state = replace(trial.state, entry="0003")
    trial("begin")
    trial("confirm")
    rest = [number for number in order.split(",") if number != "0003"]
    assert (trial.home / "order").read_text().strip() == ",".join(["0003", *rest])
    assert trial.state.state == GOOD


def test_a_firmware_that_does_not_keep_it_ends_the_trial(by_sh: Trial) -> None:
    (by_sh.home / "order").write_text("0001")
    by_sh.fake("efibootmgr", NVRAM.format(home=by_sh.home, write=":"))
    by_sh.state = replace(by_sh.state, entry="0003")
    by_sh("begin")
    by_sh("confirm", ok=1)
    assert by_sh.state.state == FAILED
    assert by_sh.state.reason == "the firmware did not take the new boot order"
    assert by_sh.reboots


def test_under_sysv_init_it_restarts_with_shutdown(by_sh: Trial) -> None:
    (by_sh.home / "run/systemd/system").rmdir()
    by_sh("deadline")
    assert by_sh.reboots == ["shutdown -r now", "reboot -f"]
    assert any(call.startswith("logger") for call in by_sh.called)


def test_a_report_runs_drdwrap_only_after_an_activation(by_sh: Trial) -> None:
    assert by_sh("report") == ""
    (by_sh.home / "activation").write_text("{}")
    assert by_sh("report") == "told\n"
