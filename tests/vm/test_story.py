"""The first story: a clone is filled, both sides live on, a sync brings them together.

Told on a machine of Vagrant's where that is installed, and on one that plain QEMU runs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab import machine as machines
from .lab.install import install
from .lab.machine import Machine
from .lab.needs import lacking_for_vagrant
from .lab.times import TIMES

CLONE = "/run/drdwrap/sysimage_001"

MAKE_CLONE = """
pvcreate -q --yes /dev/vdb
vgcreate -q drd00 /dev/vdb
for volume in root:2g var:1g home:256m; do
    lvcreate -q --yes --name "${volume%:*}" --size "${volume#*:}" drd00
    mkfs.ext4 -q "/dev/drd00/${volume%:*}"
done
"""

MOUNT_CLONE = f"""
mkdir -p {CLONE}
mount /dev/drd00/root {CLONE}
mkdir -p {CLONE}/var {CLONE}/home
mount /dev/drd00/var {CLONE}/var
mount /dev/drd00/home {CLONE}/home
"""

# The fill of a whole system, which then boots, is told in test_clone.py.
CONFIGURATION = f"""
layout: directories
booted: {{root: /, volumes: [/, /var, /home]}}
clone: {{root: {CLONE}}}
packages: none
exclude_list: [/usr/lib, /usr/share]
"""


# Told once by default: under Vagrant where it is installed, else under plain QEMU.
_AGAIN = [] if lacking_for_vagrant() else [pytest.mark.slow]


@pytest.fixture(scope="module", params=["vagrant_machine", pytest.param("machine", marks=_AGAIN)])
def told_on(request: pytest.FixtureRequest, wheels: list[Path]) -> Iterator[Machine]:
    """A machine with drdwrap installed, and a clone that it has filled."""
    machine: Machine = request.getfixturevalue(request.param)
    with TIMES.step(f"{machine.name}: drdwrap installed"):
        install(machine, wheels)
    machines.write_file(machine, "/etc/drdwrap/drdwrap.yaml", CONFIGURATION)
    with TIMES.step(f"{machine.name}: clone's volumes made"):
        machines.execute(machine, MAKE_CLONE)
        machines.execute(machine, MOUNT_CLONE)
    with TIMES.step(f"{machine.name}: clone filled"):
        drdwrap(machine, "clone")
    yield machine
    machine.power_off()  # the next one's story has both processors


def drdwrap(machine: Machine, *words: str) -> dict[str, Any]:
    """Run drdwrap, which must succeed, and return what it says as data."""
    answer: dict[str, Any] = json.loads(
        machines.execute(machine, f"drdwrap --json {' '.join(words)}")
    )
    return answer


def test_the_clone_has_what_the_booted_system_has(told_on: Machine) -> None:
    host = machines.host(told_on)
    assert host.mount_point(CLONE).device == "/dev/mapper/drd00-root"
    for path in ("/etc/passwd", "/etc/shadow", "/usr/bin/sudo", "/var/lib/dpkg/status"):
        booted, clone = host.file(path), host.file(CLONE + path)
        assert clone.sha256sum == booted.sha256sum
        assert (clone.mode, clone.user, clone.group) == (booted.mode, booted.user, booted.group)
    assert machines.execute(told_on, f"readlink {CLONE}/bin /bin") == "usr/bin\nusr/bin\n"
    assert drdwrap(told_on, "preview")["counts"]["target_changed"] == 0


def test_both_sides_live_on_and_a_sync_brings_them_together(told_on: Machine) -> None:
    machines.execute(
        told_on,
        f"""
        useradd --create-home --uid 4711 dora
        mkdir /srv/data && echo one > /srv/data/one && chown dora:dora /srv/data/one
        setfacl -m u:vagrant:rw /srv/data/one && setfacl -d -m u:vagrant:rwx /srv/data
        cp /bin/ping /srv/data/ping 2>/dev/null || cp /bin/cat /srv/data/ping
        setcap cap_net_raw+ep /srv/data/ping
        echo booted > /etc/motd
        echo kept > /var/lib/kept
        rm -f /etc/issue.net
        echo clone > {CLONE}/etc/issue
        echo booted > /etc/issue
        echo of the clone > {CLONE}/etc/only-there
        """,
    )
    previewed = drdwrap(told_on, "preview")
    assert previewed["counts"]["files_to_be_copied"] > 0
    assert previewed["counts"]["copied"] == 0
    host = machines.host(told_on)
    assert not host.file(f"{CLONE}/srv/data").exists

    synced = drdwrap(told_on, "sync")
    assert synced["exit_status"] == 0
    assert synced["warnings"] == []
    assert synced["counts"]["target_changed"] == 1
    one = host.file(f"{CLONE}/srv/data/one")
    assert (one.content_string, one.user, one.mode) == ("one\n", "dora", 0o664)
    acl = f"cd {CLONE} && find srv/data | sort | xargs getfacl"
    there, here = machines.execute(told_on, acl), machines.execute(told_on, acl.replace(CLONE, "/"))
    assert there == here
    assert "default:user:vagrant:rwx" in there
    capabilities = machines.execute(told_on, f"getcap {CLONE}/srv/data/ping")
    assert "cap_net_raw=ep" in capabilities
    assert host.file(f"{CLONE}/home/dora/.bashrc").exists
    assert "dora:" in host.file(f"{CLONE}/etc/passwd").content_string
    assert host.file(f"{CLONE}/var/lib/kept").content_string == "kept\n"
    assert not host.file(f"{CLONE}/etc/issue.net").exists
    assert host.file(f"{CLONE}/etc/issue").content_string == "clone\n"
    assert host.file(f"{CLONE}/etc/only-there").content_string == "of the clone\n"
    again = drdwrap(told_on, "sync")
    assert (again["counts"]["target_changed"], again["counts"]["deleted"]) == (1, 0)


def test_a_disk_is_plugged_in(told_on: Machine) -> None:
    told_on.add_disk("third", "100M")
    size = machines.execute(told_on, "blockdev --getsize64 /dev/disk/by-id/virtio-third")
    assert int(size) == 100 << 20


def test_a_power_cut_in_the_middle_of_a_sync_loses_nothing(told_on: Machine) -> None:
    machines.execute(
        told_on,
        f"""
        mkdir -p /srv/many
        for number in $(seq 200); do
            head -c 50000 /dev/urandom > /srv/many/$number
        done
        echo changed on the clone > {CLONE}/etc/only-there
        sync
        """,
    )
    running = machines.begin(told_on, "drdwrap sync")
    places = f"{CLONE}/srv/many {CLONE}/.drdwrap.tmp/new/srv/many"
    arrived = f"find {places} -name '1*' 2>/dev/null | grep -q ."
    machines.execute(told_on, f"until {arrived}; do sleep 0.05; done", timeout=120)
    told_on.power_off()
    running.kill()  # ssh would wait for the silent machine for minutes
    running.wait()
    told_on.start()
    machines.execute(told_on, MOUNT_CLONE)
    host = machines.host(told_on)
    assert host.file("/var/lib/drdwrap/intent").exists
    synced = drdwrap(told_on, "sync")
    assert synced["exit_status"] == 0
    machines.execute(told_on, f"diff -r /srv/many {CLONE}/srv/many")
    assert host.file(f"{CLONE}/etc/only-there").content_string == "changed on the clone\n"
    assert host.file(f"{CLONE}/etc/issue").content_string == "clone\n"
    leftovers = machines.execute(told_on, f"find {CLONE} -xdev -name .drdwrap.tmp")
    assert leftovers == ""
    time.sleep(1)
    assert drdwrap(told_on, "sync")["counts"]["copied"] <= 20  # what a running system writes
