"""What of the booted system goes on the clone's disk, and what is left out, and why."""

from __future__ import annotations

from integration.lab.block_reports import (
    GIB,
    MIB,
    TABLE,
    device,
    logical,
    origin,
    system_disk,
    volume,
)

from drdwrap.linux.block_devices import ESP


def test_a_plain_machine() -> None:
    system = origin()
    assert [v.name for v in system.lvs] == ["root", "var", "swap"]
    assert [(b.mount_point, b.type, b.is_esp) for b in system.boot] == [(b"boot", "ext4", False)]
    assert [disk.path for disk in system.disks] == ["/dev/vda"]
    assert (system.left_out, system.encrypted) == ((), "")


def test_what_is_left_out_is_named_with_the_reason() -> None:
    disk = system_disk(volume("data", "253:7", fstype="ext4"), volume("raw", "253:8"))
    more = (
        logical("data", "253:7"),
        logical("raw", "253:8"),
        logical("idle"),
        logical("pool", lv_layout="thin,pool", lv_role="private"),
        logical("snap", "253:9", lv_role="public,snapshot"),
    )
    assert {one.lv.name: one.why for one in origin(disk, more=more).left_out} == {
        "data": "not mounted (ext4)",
        "raw": "not mounted, unknown contents",
        "idle": "not active",
        "pool": "a pool; its LVs become plain ones",
        "snap": "a snapshot",
    }


def test_an_esp_is_known_by_its_partition_and_its_place() -> None:
    esp = device(
        "/dev/vdb1", "254:17", "part", 100 * MIB, fstype="vfat", parttype=ESP.upper(),
        mountpoints=["/boot/efi"],
    )  # fmt: skip
    second = device("/dev/vdb", "254:16", "disk", GIB, children=[esp])
    line = b"9 3 254:17 / /boot/efi rw - vfat /dev/vdb1 rw\n"
    system = origin(system_disk(), second, table=TABLE + line)
    assert [(b.mount_point, b.is_esp) for b in system.boot] == [
        (b"boot", False),
        (b"boot/efi", True),
    ]
    assert {disk.path for disk in system.disks} == {"/dev/vda", "/dev/vdb"}


def test_the_disks_of_what_fstab_names_are_known_as_such() -> None:
    part = device("/dev/vdb1", "254:17", "part", MIB, fstype="crypto_LUKS", uuid="u-data")
    second = device("/dev/vdb", "254:16", "disk", GIB, children=[part])
    system = origin(system_disk(), second, named=["254:17", "254:1"])
    assert [disk.path for disk in system.disks] == ["/dev/vda"]
    assert [disk.path for disk in system.named] == ["/dev/vdb"]
    assert system.containers == frozenset()


def test_luks_below_the_group_is_named() -> None:
    disk = system_disk()
    physical = disk["children"][1]
    crypt = device(
        "/dev/mapper/luks-x", "253:9", "crypt", 5 * GIB, fstype="LVM2_member",
        children=physical["children"],
    )  # fmt: skip
    physical |= {"fstype": "crypto_LUKS", "children": [crypt]}
    system = origin(disk)
    assert system.encrypted == "vg00 is inside LUKS (/dev/mapper/luks-x)"
    assert system.containers == {"u-pv"}
