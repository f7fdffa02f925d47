"""Locations that are not synchronized: DRD's list carried to Linux, and the administrator's."""

from __future__ import annotations

import pytest

from .lab.files import put
from .lab.pair import Pair

BUILT_IN = [
    "var/lib/dpkg/status",
    "var/lib/dpkg/info/bash.list",
    "var/lib/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "var/lib/pacman/local/x",
    "var/lib/apt/lists/x",
    "var/cache/apt/pkgcache.bin",
    "var/lib/dnf/history.sqlite",
    "var/cache/dnf/x",
    "var/log/dpkg.log",
    "var/log/dpkg.log.1.gz",
    "var/log/apt/history.log",
    "var/log/dnf.log",
    "tmp/x",
    "tmp/deep/x",
    "var/tmp/x",
    "run/x",
    "run/lock/x",
    "boot/vmlinuz",
    "boot/grub/grub.cfg",
    "etc/lvm/archive/x",
    "etc/lvm/backup/x",
    "etc/lvm/cache/x",
    "etc/lvm/devices/system.devices",
    "etc/lvm/lvm.conf",
    "etc/lvm/lvmlocal.conf",
    "etc/multipath/bindings",
    "etc/mdadm/mdadm.conf",
    "etc/fstab",
    "etc/fstab.orig",
    "etc/crypttab",
    "etc/mtab",
    "dev/drd00/root",
    "dev/mapper/drd00-root",
    "etc/ld.so.cache",
    "var/cache/ldconfig/aux-cache",
    "var/cache/man/index.db",
    "var/lib/initramfs-tools/6.1.0-13-amd64",
    "etc/initramfs-tools/conf.d/resume",
    "etc/kernel/cmdline",
]

NOT_IN_IT = [
    "var/lib/dpkgx/x",
    "var/log/other.log",
    "etc/lvm/other",
    "etc/multipath.conf",
    "dev/vg0/root",
    "home/tmp/x",
    "srv/boot/vmlinuz",
    "srv/etc/fstab",
    "opt/var/lib/dpkg/status",
]


def test_the_built_in_ones_are_reported_and_not_copied(filled: Pair) -> None:
    for name in BUILT_IN:
        put(filled.booted, name, b"booted\n")
    filled.sync()
    listed = set(filled.report("location"))
    assert {f"/{name}".encode() for name in BUILT_IN} - listed == set()
    for name in BUILT_IN:
        assert not (filled.clone / name).exists(), name


def test_their_neighbours_are_copied(filled: Pair) -> None:
    for name in NOT_IN_IT:
        put(filled.booted, name, b"booted\n")
    filled.sync()
    assert {f"/{name}".encode() for name in NOT_IN_IT} <= set(filled.report("to_be_copied"))
    for name in NOT_IN_IT:
        assert (filled.clone / name).read_bytes() == b"booted\n", name


def test_the_directory_of_a_tree_is_not_part_of_it(filled: Pair) -> None:
    put(filled.booted, "boot/vmlinuz")
    (filled.booted / "boot").chmod(0o711)
    filled.sync()
    assert filled.report("to_be_copied") == [b"/boot"]
    assert filled.report("location") == [b"/boot/vmlinuz"]
    assert (filled.clone / "boot").stat().st_mode & 0o7777 == 0o711
    assert list((filled.clone / "boot").iterdir()) == []


def test_what_the_clone_has_there_is_left_alone(filled: Pair) -> None:
    put(filled.booted, "etc/fstab", b"booted\n")
    put(filled.clone, "etc/fstab", b"clone\n")
    put(filled.clone, "boot/vmlinuz-patched", b"clone\n")
    filled.sync()
    assert (filled.clone / "etc/fstab").read_bytes() == b"clone\n"
    assert (filled.clone / "boot/vmlinuz-patched").read_bytes() == b"clone\n"
    assert filled.report("target_changed") == filled.report("clone_only") == []


def test_more_can_be_added(filled: Pair) -> None:
    filled.configure(non_synced_locations={"add": ["/srv/local/*", "/etc/mot*"]})
    put(filled.booted, "srv/local/deep/file")
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    assert {b"/srv/local/deep/file", b"/etc/motd"} <= set(filled.report("location"))
    assert (filled.clone / "srv/local").is_dir()
    assert list((filled.clone / "srv/local").iterdir()) == []


def test_built_in_ones_can_be_taken_away(filled: Pair) -> None:
    filled.configure(non_synced_locations={"remove": ["/etc/fstab*"]})
    put(filled.booted, "etc/fstab", b"booted\n")
    put(filled.booted, "etc/crypttab", b"booted\n")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/etc/fstab"]
    assert filled.report("location") == [b"/etc/crypttab"]


def test_what_is_none_cannot_be_taken_away(filled: Pair) -> None:
    """A mistyped one would stay in force, unseen."""
    filled.configure(non_synced_locations={"remove": ["/tmp"]})
    done = filled.run("sync", ok=2)
    assert b"non_synced_locations.remove names /tmp, which is not one" in done.stderr


def test_the_clone_group_is_the_configured_one(filled: Pair) -> None:
    filled.configure(clone={"volume_group": "spare"})
    put(filled.booted, "dev/spare/root")
    put(filled.booted, "dev/drd00/root")
    filled.sync()
    assert b"/dev/spare/root" in filled.report("location")
    assert b"/dev/drd00/root" in filled.report("to_be_copied")


@pytest.mark.parametrize("name", ["boot/vmlinuz", "etc/fstab"])
def test_a_location_wins_over_a_change_on_the_clone(filled: Pair, name: str) -> None:
    put(filled.booted, name, b"first\n")
    put(filled.clone, name, b"clone\n")
    filled.sync()
    assert filled.report("location") == [f"/{name}".encode()]
    assert filled.report("target_changed") == []


def test_the_log_takes_its_rotated_ones_along_and_no_neighbours(filled: Pair) -> None:
    filled.log = filled.booted / "var/log/app"
    filled.configure(log_file=str(filled.log))
    own = ("app", "app.1", "app.2.gz", "app-20261128", "app-20261128.gz")
    others = ("apple", "app2/file", "appserver.log")
    for name in (*own, *others):
        put(filled.booted, f"var/log/{name}", b"x\n")
    filled.sync()
    for name in own:
        assert f"/var/log/{name}".encode() in filled.report("location")
    for name in others:
        assert (filled.clone / "var/log" / name).read_bytes() == b"x\n"
    filled.run("clone", "--overwrite")
    assert sorted(path.name for path in (filled.clone / "var/log").iterdir()) == [
        "app2",
        "apple",
        "appserver.log",
    ]


def test_taking_the_log_off_takes_its_rotated_ones_off(filled: Pair) -> None:
    filled.log = filled.booted / "var/log/app"
    filled.configure(log_file=str(filled.log), non_synced_locations={"remove": ["/var/log/app"]})
    put(filled.booted, "var/log/app.1", b"rotated\n")
    assert filled.run("sync").stderr == b""
    assert (filled.clone / "var/log/app.1").read_bytes() == b"rotated\n"
