"""A clone of a machine with UEFI, /var on XFS and a thin /home, beside what must not be touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab import machine as machines
from .lab.drdwrap import SECOND_BY_ID, answer, booted_from, run, shut_down
from .lab.install import install
from .lab.machine import SECOND, Machine
from .lab.times import TIMES

pytestmark = pytest.mark.slow

# A FUSE file system whose server answers nothing: whoever looks into it waits for ever.
DEAD_MOUNT = """
cat > /root/dead.py <<'END'
import ctypes, os, time
server = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={server},rootmode=40000,user_id=0,group_id=0".encode()
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mount(b"dead", b"/srv/dead", b"fuse", 0, options) == 0, os.strerror(ctypes.get_errno())
open("/root/is-dead", "w").close()
time.sleep(100000)
END
modprobe fuse
mkdir -p /srv/dead
setsid nohup python3 /root/dead.py >/root/dead.log 2>&1 </dev/null &
until test -e /root/is-dead; do sleep 0.2; done
"""

DATA = """
pvcreate -q --yes /dev/disk/by-id/virtio-data
vgcreate -q vgdata /dev/disk/by-id/virtio-data
lvcreate -q --yes --name files --size 200m vgdata
mkfs.ext4 -q /dev/vgdata/files
mkdir -p /data && mount /dev/vgdata/files /data && echo precious > /data/file
"""


@pytest.fixture(scope="module")
def cloning(uefi_machine: Machine, wheels: list[Path]) -> Machine:
    """With drdwrap installed, a second volume group mounted, and a mount that hangs."""
    install(uefi_machine, wheels)
    uefi_machine.add_disk("data", "1G")
    machines.execute(uefi_machine, DATA)
    machines.execute(uefi_machine, DEAD_MOUNT)
    return uefi_machine


def test_two_groups_of_one_name_are_refused(cloning: Machine) -> None:
    # vgrename refuses a name in use: the group is written again under it, out of the other's sight.
    alone = '--config \'devices/filter=["a|virtio-data|", "r|.*|"]\''
    machines.execute(
        cloning,
        f"""
        umount /data && vgchange -q -an vgdata && vgcfgbackup -q -f /root/group vgdata
        sed -i 's/^vgdata {{/vg00 {{/' /root/group
        vgcfgrestore -q --yes {alone} --force -f /root/group vg00
        """,
    )
    identity = machines.execute(
        cloning, "vgs --noheadings -o vg_uuid -S 'vg_name=vg00 && vg_size<2g'"
    ).strip()
    assert "there is one volume group vg00" in run(cloning, "check", ok=1)
    assert "vgrename" in run(cloning, f"clone --disk {SECOND_BY_ID}", ok=1)
    machines.execute(cloning, f"vgrename {identity} vgdata && vgchange -q -ay vgdata")
    machines.execute(cloning, "mount /dev/vgdata/files /data")


def test_only_the_root_group_is_cloned(cloning: Machine) -> None:
    told = run(cloning, f"clone -p --disk {SECOND_BY_ID} --size var=900M")
    assert "/var (xfs)" in told and "/boot/efi (vfat)" in told
    assert "vgdata" not in told and "BIOS" not in told
    with TIMES.step("uefi: clone made, filled and finished"):
        made = answer(cloning, f"clone --disk {SECOND_BY_ID} --size var=900M", timeout=1500)
    assert (made["exit_status"], made["warnings"]) == (0, [])


def test_a_mount_that_hangs_is_not_waited_for(cloning: Machine) -> None:
    machines.execute(cloning, "echo synced > /var/lib/synced; echo home > /home/synced; sync")
    synced = answer(cloning, "sync", timeout=120)
    assert (synced["exit_status"], synced["counts"]["target_changed"]) == (0, 0)
    clone = run(cloning, "mount")
    assert "/dev/mapper/drd00-home" in clone
    look = "cd /run/drdwrap/sysimage_001 && ls data srv/dead && stat -f -c %T var home boot/efi"
    assert machines.execute(cloning, look).split() == [
        "data:",
        "srv/dead:",
        "xfs",
        "ext2/ext3",
        "msdos",
    ]
    run(cloning, "umount")


def test_the_clone_boots_by_itself_and_the_original_after_it(cloning: Machine) -> None:
    machines.execute(cloning, "umount -f /srv/dead; pkill -f '[d]ead.py'; true")
    shut_down(cloning)
    with TIMES.step("uefi: booted from the clone alone"):
        cloning.start((SECOND,))
    assert booted_from(cloning) == ("/dev/mapper/drd00-root", "running", "")
    host = machines.host(cloning)
    assert host.mount_point("/var").filesystem == "xfs"
    assert host.mount_point("/var").device == "/dev/mapper/drd00-var"
    assert host.mount_point("/home").device == "/dev/mapper/drd00-home"
    assert host.mount_point("/boot/efi").exists and host.mount_point("/boot").exists
    assert host.file("/var/lib/synced").content_string == "synced\n"
    assert host.file("/home/synced").content_string == "home\n"
    shut_down(cloning)
    cloning.start()
    assert booted_from(cloning) == ("/dev/mapper/vg00-root", "running", "")
    answer(cloning, "sync")
