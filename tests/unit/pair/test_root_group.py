"""Which volume group is booted, and what of it is mounted, from reports and a mount table."""

from __future__ import annotations

from integration.lab.block_reports import group, groups, logical, vg00

from drdwrap.linux.mountinfo import mounts
from drdwrap.pair import root_group
from drdwrap.pair.root_group import RootGroup

ROOT = b"1 0 253:0 / / rw - ext4 /dev/mapper/vg00-root rw"
VAR = b"2 1 253:1 / /var rw - xfs /dev/mapper/vg00-var rw"
BOOT = b"3 1 254:1 / /boot rw - ext4 /dev/vda1 rw"


def found(*lines: bytes, more: tuple[dict[str, str], ...] = ()) -> RootGroup | str:
    return root_group.find([vg00(*more)], mounts(b"\n".join(lines)))


def points(system: RootGroup | str) -> list[bytes]:
    assert isinstance(system, RootGroup)
    return [one.mount_point for one in system.file_systems]


def test_the_group_is_that_of_the_root_with_all_that_is_mounted_of_it() -> None:
    system = found(VAR, BOOT, ROOT)
    assert isinstance(system, RootGroup)
    assert system.group.name == "vg00"
    assert points(system) == [b"", b"var"]
    var = system.at(b"var")
    assert var is not None and (var.type, var.lv.name) == ("xfs", "var")


def test_the_root_comes_first_and_each_after_what_it_lies_in() -> None:
    lines = (
        b"4 1 253:9 / /a/b/c rw - ext4 /dev/mapper/vg00-c rw",
        b"5 1 253:8 / /z rw - ext4 /dev/mapper/vg00-z rw",
    )
    more = (logical("c", "253:9"), logical("z", "253:8"))
    assert points(found(*lines, VAR, ROOT, more=more)) == [b"", b"var", b"z", b"a/b/c"]


def test_bind_mounts_and_second_mounts_do_not_count() -> None:
    bind = b"6 1 253:1 /lib /srv/lib rw - xfs /dev/mapper/vg00-var rw"
    again = b"7 1 253:1 / /mnt rw - xfs /dev/mapper/vg00-var rw"
    assert points(found(ROOT, bind, VAR, again)) == [b"", b"var"]


def test_a_snapshot_counts_only_where_fstab_has_it_mounted() -> None:
    line = b"9 1 253:5 / /mnt/snap rw - ext4 /dev/mapper/vg00-snap rw"
    vg = vg00(logical("snap", "253:5", lv_role="public,snapshot,thinsnapshot"))
    table = mounts(ROOT + b"\n" + line)
    assert points(root_group.find([vg], table)) == [b""]
    assert points(root_group.find([vg], table, [b"/mnt/snap"])) == [b"", b"mnt/snap"]


def test_other_groups_are_no_part_of_it() -> None:
    data = b"8 1 253:7 / /data rw - ext4 /dev/mapper/vgdata-data rw"
    (vg,) = groups([group("vgdata", "other")], [logical("data", "253:7", vg_uuid="other")], [])
    system = root_group.find([vg, vg00()], mounts(ROOT + b"\n" + data))
    assert points(system) == [b""]


def test_a_root_that_is_on_no_volume_is_named() -> None:
    plain = b"1 0 254:1 / / rw - ext4 /dev/vda1 rw"
    assert found(plain) == "/ is not on LVM: it is ext4 on /dev/vda1"


def test_a_root_within_a_file_system_is_named() -> None:
    inside = b"1 0 253:0 /@ / rw - btrfs /dev/mapper/vg00-root rw"
    text = found(inside)
    assert isinstance(text, str)
    assert "/@" in text and "btrfs" in text
