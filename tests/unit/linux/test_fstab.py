"""fstab and crypttab as mount and systemd read them."""

import pytest

from drdwrap.linux.fstab import Encrypted, Entry, encrypted, entries

UBUNTU = rb"""# /etc/fstab: static file system information.
#
# <file system> <mount point>   <type>  <options>       <dump>  <pass>
/dev/disk/by-id/dm-uuid-LVM-xJ2Qb7 / ext4 defaults 0 1
UUID=4f1c2f1e-8a44-4a5e-9d53-0b1a6a3f9f10	/boot	ext4	noatime,errors=remount-ro	0	2
  /swap.img	none	swap	sw	0	0
LABEL=My\040Disk /mnt/with\040blank\134 vfat ro,nofail
//server/share /srv/share
oneword
"""


def test_every_entry_and_nothing_else() -> None:
    assert entries(UBUNTU) == [
        Entry(4, b"/dev/disk/by-id/dm-uuid-LVM-xJ2Qb7", b"/", b"ext4", (b"defaults",)),
        Entry(
            5,
            b"UUID=4f1c2f1e-8a44-4a5e-9d53-0b1a6a3f9f10",
            b"/boot",
            b"ext4",
            (b"noatime", b"errors=remount-ro"),
        ),
        Entry(6, b"/swap.img", b"none", b"swap", (b"sw",)),
        Entry(7, b"LABEL=My Disk", b"/mnt/with blank\\", b"vfat", (b"ro", b"nofail")),
        Entry(8, b"//server/share", b"/srv/share", b"auto", (b"defaults",)),
    ]


def test_lines_that_end_as_on_another_system() -> None:
    assert entries(b"/dev/vda1 /boot ext2 ro\r\n/dev/vda2 / ext4\r\n") == [
        Entry(1, b"/dev/vda1", b"/boot", b"ext2", (b"ro",)),
        Entry(2, b"/dev/vda2", b"/", b"ext4", (b"defaults",)),
    ]


def test_only_blanks_separate_fields() -> None:
    """As for mount(8) and systemd; any other control character belongs to a name."""
    point = b"/srv/a\rb\vc\fd\xc2\x85"
    assert entries(b"  /dev/vda1\t" + point + b" ext2\tro\r\n# x y\n\t#x y\n") == [
        Entry(1, b"/dev/vda1", point, b"ext2", (b"ro",)),
    ]
    assert encrypted(b"a\vb /dev/vda3 none luks\n") == [
        Encrypted(1, b"a\vb", b"/dev/vda3", b"none", (b"luks",))
    ]


@pytest.mark.parametrize(
    ("options", "without"),
    [(b"defaults", False), (b"nofail,x-a", True), (b"ro,noauto", True), (b"x-noauto", False)],
)
def test_what_boots_without_its_device(options: bytes, without: bool) -> None:
    (entry,) = entries(b"/dev/vg00/data /data xfs " + options)
    assert entry.boots_without is without
    (device,) = encrypted(b"data /dev/vda3 none " + options)
    assert device.boots_without is without


def test_crypttab() -> None:
    text = b"# <name> <device>\nvda3_crypt UUID=0a1b none luks,discard\n\nspare /dev/vdc\n"
    assert encrypted(text) == [
        Encrypted(2, b"vda3_crypt", b"UUID=0a1b", b"none", (b"luks", b"discard")),
        Encrypted(4, b"spare", b"/dev/vdc", b"none", (b"",)),
    ]
