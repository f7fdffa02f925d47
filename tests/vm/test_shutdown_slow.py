"""Every way down, and whatever can stand in the way of the sync; under both init systems.

One story for each init system: each test leaves a clone that is in step.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import CLONE, answer, run
from .lab.install import install
from .lab.machine import SYSTEM
from .lab.qemu import QemuMachine
from .lab.shutdown import WAYS, console_since, make_clone, on_clone, power_off
from .lab.supply import SYSTEMD, SYSVINIT, NewMachine
from .lab.times import TIMES

pytestmark = pytest.mark.slow

BOUND = 150
"""Seconds that a machine may take to go down, emulated, and with all that is put in its way."""


@pytest.fixture(scope="module", params=[SYSTEMD, SYSVINIT])
def synced(
    request: pytest.FixtureRequest, new_machine: NewMachine, wheels: list[Path]
) -> QemuMachine:
    """A machine with a clone that is current, and the script installed."""
    recipe: str = request.param
    machine = new_machine.started(f"slow-{recipe}", recipe)
    install(machine, wheels)
    make_clone(machine)
    run(machine, "install shutdown")
    return machine


def down(machine: QemuMachine, command: str = "poweroff", start: bool = True) -> float:
    """Down by this command, within the bound, and up again."""
    seconds = power_off(machine, f"{command}; sleep 100", BOUND)
    if start:
        machine.start()
    return seconds


def last_run(machine: QemuMachine) -> tuple[str, str]:
    ran = answer(machine, "status")["shutdown"]["last_run"]
    return ran["result"], ran["message"]


def assert_told_and_repaired(machine: QemuMachine, *what: str) -> None:
    """The boot has told of the failure; the next sync succeeds, and takes the message away."""
    told = machines.execute(machine, "cat /run/motd.d/drdwrap")
    assert any(one in told for one in what), told
    assert answer(machine, "status")["shutdown"]["failed"] is True
    machines.execute(machine, "date > /root/after; sync")
    assert answer(machine, "sync")["exit_status"] == 0
    assert answer(machine, "status")["shutdown"]["failed"] is False
    machines.execute(machine, "test ! -e /run/motd.d/drdwrap")
    assert on_clone(machine, "cmp root/after /root/after && echo same") == ["same\n"]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_written_last_is_on_the_clone(synced: QemuMachine, way: str) -> None:
    if way == "kexec" and SYSVINIT in synced.name:
        pytest.skip("SysV init has no kexec")
    begun = synced.console.stat().st_size
    down(synced, f"echo {way} > /root/last; {WAYS[way]}")
    assert "drdwrap: the clone is up to date" in console_since(synced, begun)
    assert last_run(synced)[0] == "done"
    assert on_clone(synced, "cat root/last") == [f"{way}\n"]


SINGLE_USER = """
systemd-run -q -p IgnoreOnIsolate=yes -p DefaultDependencies=no sh -c '
    sleep 3
    systemctl isolate rescue.target
    sleep 5
    systemctl is-active drdwrap.service > /root/single
    systemctl default'
"""


def test_in_single_user_nothing_is_done(synced: QemuMachine) -> None:
    before = answer(synced, "status")["shutdown"]["last_run"]
    if SYSVINIT in synced.name:
        machines.execute(synced, "RUNLEVEL=1 /etc/init.d/drdwrap stop")
    else:
        machines.execute(synced, SINGLE_USER)
        time.sleep(20)
        machines.wait_for_ssh(synced, lambda: True, 120)
        wait_for(synced, "test -s /root/single")
        assert machines.execute(synced, "cat /root/single") == "active\n"
    assert answer(synced, "status")["shutdown"]["last_run"] == before


def test_a_clone_that_is_missing(synced: QemuMachine) -> None:
    machines.execute(synced, "vgchange -qq -an drd00 && vgrename -q drd00 gone")
    down(synced)
    assert last_run(synced)[0] == "failed"
    machines.execute(synced, "vgrename -q gone drd00")
    assert_told_and_repaired(synced, "there is no volume group drd00")


def test_a_disk_that_was_pulled(synced: QemuMachine) -> None:
    down(synced, start=False)
    synced.start((SYSTEM,))
    down(synced)
    assert last_run(synced)[0] == "failed"
    assert_told_and_repaired(synced, "there is no volume group drd00")


def test_a_clone_that_is_full(synced: QemuMachine) -> None:
    run(synced, "mount")
    machines.execute(synced, f"dd if=/dev/zero of={CLONE}/var/full bs=1M 2>/dev/null || true")
    run(synced, "umount")
    machines.execute(synced, "head -c 20M /dev/urandom > /var/lib/large")
    down(synced)
    assert last_run(synced)[0] == "failed"
    run(synced, "mount")
    machines.execute(synced, f"rm {CLONE}/var/full")
    run(synced, "umount")
    assert_told_and_repaired(synced, "room")


def test_a_clone_that_is_read_only(synced: QemuMachine) -> None:
    run(synced, "mount")
    machines.execute(synced, f"mount -o remount,ro {CLONE}/var")
    down(synced)
    assert_told_and_repaired(synced, "is writable")


def test_a_clone_that_is_mounted_elsewhere(synced: QemuMachine) -> None:
    """It takes no harm from that."""
    machines.execute(synced, "mount /dev/drd00/root /mnt; echo elsewhere > /root/last")
    holder = machines.begin(synced, "cd /mnt && exec sleep 600")
    down(synced)
    holder.wait()
    assert last_run(synced)[0] == "done"
    assert on_clone(synced, "cat root/last") == ["elsewhere\n"]


def test_an_rsync_that_hangs(synced: QemuMachine) -> None:
    machines.execute(
        synced,
        """
        sed -i s/^LIMIT=.*/LIMIT=20/ /etc/default/drdwrap
        printf '#!/bin/sh\\nkill -STOP $$\\nexec /usr/bin/rsync "$@"\\n' > /usr/local/bin/rsync
        chmod +x /usr/local/bin/rsync; date > /root/last
        """,
    )
    down(synced)
    machines.execute(synced, "rm /usr/local/bin/rsync")
    assert last_run(synced)[0] == "cut off"
    assert_told_and_repaired(synced, "the limit of 20 s was reached")


def test_a_limit_of_five_seconds_with_more_to_copy(synced: QemuMachine) -> None:
    machines.execute(
        synced,
        """
        sed -i s/^LIMIT=.*/LIMIT=5/ /etc/default/drdwrap
        head -c 100M /dev/urandom > /srv/large
        """,
    )
    down(synced)
    assert last_run(synced) == (
        "cut off",
        "the limit of 5 s was reached; the next sync does the rest",
    )
    machines.execute(synced, "sed -i s/^LIMIT=.*/LIMIT=300/ /etc/default/drdwrap")
    assert_told_and_repaired(synced, "the limit of 5 s was reached")


def test_a_large_image_that_changed_holds_nothing_else_up(synced: QemuMachine) -> None:
    """The limit cuts off the image alone. (Of its 4 GiB the disk has room for what is written.)"""
    slow = "rsync:\n  options: [--bwlimit=2000]\n"
    machines.execute(
        synced,
        f"""
        sed -i s/^LIMIT=.*/LIMIT=40/ /etc/default/drdwrap
        printf '{slow}' >> /etc/drdwrap/drdwrap.yaml
        rm -f /srv/large; truncate -s 4G /srv/a-machine.img
        head -c 100M /dev/urandom | dd of=/srv/a-machine.img bs=1M seek=1000 conv=notrunc 2>&1
        mkdir -p /srv/others; for n in $(seq 200); do echo $n > /srv/others/$n; done
        """,
    )
    down(synced)
    assert last_run(synced)[0] == "cut off"
    compare = "diff -r srv/others /srv/others && echo same; test ! -e srv/a-machine.img && echo cut"
    assert on_clone(synced, compare) == ["same\ncut\n"]
    machines.execute(
        synced,
        """
        sed -i s/^LIMIT=.*/LIMIT=300/ /etc/default/drdwrap
        sed -i '/^rsync/,$d' /etc/drdwrap/drdwrap.yaml; rm /srv/a-machine.img
        """,
    )
    assert_told_and_repaired(synced, "the limit of 40 s was reached")


def test_a_power_cut_meanwhile(synced: QemuMachine) -> None:
    slow = "rsync:\n  options: [--bwlimit=1000]\n"
    machines.execute(
        synced,
        f"printf '{slow}' >> /etc/drdwrap/drdwrap.yaml && head -c 50M /dev/urandom > /srv/large",
    )
    begun = synced.console.stat().st_size
    machines.begin(synced, "poweroff")
    until = time.monotonic() + BOUND
    while "bringing the clone up to date" not in console_since(synced, begun):
        assert time.monotonic() < until
        time.sleep(0.2)
    time.sleep(12)
    synced.power_off()
    synced.start()
    machines.execute(synced, "sed -i '/^rsync/,$d' /etc/drdwrap/drdwrap.yaml")
    assert last_run(synced) == ("cut off", "the machine went down while it ran")
    assert_told_and_repaired(synced, "was cut off: the machine went down while it ran")
    assert on_clone(synced, "cmp srv/large /srv/large && echo same") == ["same\n"]


MAILER = """#!/bin/sh
cat >> /var/mailed
"""


def test_cron_mails_nothing_unless_there_is_something(synced: QemuMachine) -> None:
    machines.write_file(synced, "/usr/sbin/sendmail", MAILER)
    machines.execute(synced, "chmod +x /usr/sbin/sendmail; date > /root/by-cron")
    run(synced, "install cron --schedule '* * * * *'")
    wait_for(synced, "test -s /var/lib/drdwrap/outcome.json && grep -q periodic"
             " /var/lib/drdwrap/outcome.json")  # fmt: skip
    assert answer(synced, "status")["periodic"]["last_run"]["exit_status"] == 0
    assert on_clone(synced, "cmp root/by-cron /root/by-cron && echo same") == ["same\n"]
    time.sleep(3)
    assert machines.execute(synced, "cat /var/mailed 2>/dev/null || true") == ""
    # Between two of its runs: one that is going has the group's volumes in use.
    between = "flock /var/lib/drdwrap/lock sh -c '{}'"
    machines.execute(synced, between.format("vgchange -qq -an drd00 && vgrename -q drd00 gone"))
    wait_for(synced, "test -s /var/mailed")
    # Under SysV init udev leaves links to the volumes that were there, and vgrename minds those.
    machines.execute(synced, between.format("rm -rf /dev/drd00 && vgrename -q gone drd00"))
    mail = machines.execute(synced, "cat /var/mailed")
    assert "there is no volume group drd00" in mail
    assert "Traceback" not in mail


def wait_for(machine: QemuMachine, condition: str, patience: int = 150) -> None:
    machines.execute(
        machine, f"for n in $(seq {patience}); do {condition} && exit; sleep 1; done; exit 1", 200
    )


def test_a_cron_run_that_is_going_makes_way(synced: QemuMachine) -> None:
    slow = "rsync:\n  options: [--bwlimit=200]\n"
    machines.execute(
        synced,
        f"""
        printf '{slow}' >> /etc/drdwrap/drdwrap.yaml
        head -c 50M /dev/urandom > /srv/large
        """,
    )
    run(synced, "install cron --schedule '* * * * *'")
    wait_for(synced, "pgrep -x rsync > /dev/null")
    machines.execute(synced, "sed -i '/^rsync/,$d' /etc/drdwrap/drdwrap.yaml")
    down(synced, "echo while cron ran > /root/last; poweroff")
    run(synced, "uninstall cron")
    machines.execute(synced, "flock /var/lib/drdwrap/lock true")  # cron's last run has ended
    assert last_run(synced)[0] == "done"
    same = "cmp srv/large /srv/large && cat root/last"
    assert on_clone(synced, same) == ["while cron ran\n"]


def test_the_timer_makes_up_for_the_time_the_machine_was_off(synced: QemuMachine) -> None:
    if SYSVINIT in synced.name:
        pytest.skip("SysV init has no timers")
    run(synced, "install timer --on-calendar daily")
    stamp = "/var/lib/systemd/timers/stamp-drdwrap-sync.timer"
    machines.execute(
        synced,
        f"""
        cd /etc/systemd/system
        mkdir -p drdwrap-sync.timer.d
        printf '[Timer]\\nRandomizedDelaySec=0\\n' > drdwrap-sync.timer.d/lab.conf
        touch -d '3 days ago' {stamp}
        rm /var/lib/drdwrap/outcome.json
        """,
    )
    down(synced)
    wait_for(synced, "grep -q periodic /var/lib/drdwrap/outcome.json")
    assert answer(synced, "status")["periodic"]["last_run"]["exit_status"] == 0
    run(synced, "uninstall timer")


@pytest.mark.parametrize("number", range(20))
def test_twenty_reboots_in_a_row(synced: QemuMachine, number: int) -> None:
    """Whatever was written right before each is there, byte by byte."""
    machines.execute(
        synced,
        f"""
        mkdir -p /srv/random /var/lib/random
        for n in 1 2 3 4 5; do
            head -c $((({number} * 7919 + n * 104729) % 300000)) /dev/urandom > /srv/random/$n
            head -c $((({number} * 104729 + n * 7919) % 300000)) /dev/urandom > /var/lib/random/$n
        done
        rm -f /srv/random/gone-*; touch /srv/random/gone-{number}
        """,
    )
    down(synced, "reboot")
    ran = answer(synced, "status")["shutdown"]["last_run"]
    TIMES.add(f"          {number}: the sync itself {ran['started']} to {ran['ended']}")
    assert ran["result"] == "done"
    compare = (
        "diff -r srv/random /srv/random && diff -r var/lib/random /var/lib/random && echo same"
    )
    assert on_clone(synced, compare) == ["same\n"]
