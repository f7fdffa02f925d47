"""The kinds of files that need more than a plain replacement of names."""

import pytest

from drdwrap.boot.file_kinds.kinds import KINDS, ORDINARY, kind_of
from drdwrap.boot.references.in_text import Reference

from .machine import REFERENCES
from .systems import NEW_PVID, PVID


@pytest.mark.parametrize(
    ("path", "set_apart"),
    [
        (b"etc/fstab", True),
        (b"etc/fstab.d/x", False),
        (b"boot/grub2/grubenv", True),
        (b"boot/efi/EFI/redhat/grubenv", True),
        (b"etc/lvm/lvm.conf", True),
        (b"etc/lvm/devices/system.devices", True),
        (b"srv/etc/fstab", False),
    ],
)
def test_which_kind(path: bytes, set_apart: bool) -> None:
    assert (kind_of(path) in KINDS) is set_apart
    assert (kind_of(path) is ORDINARY) is not set_apart


LVM_CONF = b"""activation {
\t# volume_list = [ "vg-sys", "@tag" ]
\tvolume_list = [ "vg-sys", "vg-sys/root",  # not "vg-sys"
\t\t"@vg-sys", "other", "vg-sys/vm" ]
\tauto_activation_volume_list = "vg-sys"
}
devices { filter = [ "a|^/dev/mapper/vg--sys-root$|", "r|.*|" ]
\tname = "vg-sys" }
"""


def test_the_lists_of_lvm() -> None:
    kind = kind_of(b"etc/lvm/lvm.conf")
    mended = kind.mended(LVM_CONF, REFERENCES)
    assert (
        mended
        == b"""activation {
\t# volume_list = [ "vg-sys", "@tag" ]
\tvolume_list = [ "drd00", "drd00/root",  # not "vg-sys"
\t\t"@vg-sys", "other", "vg-sys/vm" ]
\tauto_activation_volume_list = "drd00"
}
devices { filter = [ "a|^/dev/mapper/drd00-root$|", "r|.*|" ]
\tname = "vg-sys" }
"""
    )
    assert kind.left_in(mended, REFERENCES) == [Reference(4, "vg-sys/vm", False)]
    assert [found.line for found in kind.left_in(LVM_CONF, REFERENCES)] == [3, 3, 4, 5, 7]


def test_a_carriage_return_ends_no_line_of_a_devices_file() -> None:
    """LVM puts the name of a device into its entry."""
    other, own = b"A" * 32, NEW_PVID.encode()
    entry = b"IDTYPE=devname IDNAME=/dev/x\r DEVNAME=/dev/x\r PVID=%s\n"
    text = b"VERSION=1.1.2\n" + b"".join(entry % one for one in (other, PVID.encode(), own))
    kind = kind_of(b"etc/lvm/devices/system.devices")
    assert [found.line for found in kind.left_in(text, REFERENCES)] == [3]
    assert kind.mended(text, REFERENCES) == text.replace(entry % PVID.encode(), b"")


def test_a_devices_file_without_the_clones_volume_is_removed() -> None:
    """With it, LVM would not see the clone's disk."""
    kind = kind_of(b"etc/lvm/devices/system.devices")
    booted = b"IDTYPE=sys_wwid IDNAME=naa.1 DEVNAME=/dev/sda3 PVID=%s PART=3\n" % PVID.encode()
    clone = b"IDTYPE=sys_wwid IDNAME=naa.2 DEVNAME=/dev/sda3 PVID=%s PART=3\n" % NEW_PVID.encode()
    assert kind.mended(b"VERSION=1.1.2\n" + booted, REFERENCES) is None
    assert kind.mended(booted + clone, REFERENCES) == clone
    assert kind.mended(clone, REFERENCES) == clone
    assert kind.left_in(clone + booted, REFERENCES) == [Reference(2, f"PVID={PVID}", True)]
    assert kind.left_in(clone, REFERENCES) == []


@pytest.mark.parametrize(
    ("device", "new"),
    [
        (b"/dev/mapper/vg--sys-root", b"/dev/mapper/drd00-root"),
        (b"/dev/vda2", b"/dev/disk/by-uuid/c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1"),
    ],
)
def test_grubs_block_keeps_its_size(device: bytes, new: bytes) -> None:
    kind = kind_of(b"boot/grub2/grubenv")
    block = b"# GRUB Environment Block\nkernelopts=root=%s ro\n"
    mended = kind.mended((block % device).ljust(1024, b"#"), REFERENCES)
    assert mended == (block % new).ljust(1024, b"#")


def test_grubs_block_that_would_grow_is_left_and_reported() -> None:
    kind = kind_of(b"boot/grub2/grubenv")
    block = b"# GRUB Environment Block\nx=/dev/vda2 " + b"y" * 980 + b"\n"
    block = block.ljust(1024, b"#")
    assert kind.mended(block, REFERENCES) == block
    assert [found.what for found in kind.left_in(block, REFERENCES)] == ["/dev/vda2"]


def test_other_systems_in_grubs_menu_may_name_the_original() -> None:
    kind = kind_of(b"boot/grub/grub.cfg")
    menu = b"""### BEGIN /etc/grub.d/10_linux ###
linux /vmlinuz root=/dev/mapper/drd00-root
### END /etc/grub.d/10_linux ###
### BEGIN /etc/grub.d/30_os-prober ###
menuentry 'Debian (on /dev/mapper/vg--sys-root)' {
linux /vmlinuz root=/dev/mapper/vg--sys-root
}
### END /etc/grub.d/30_os-prober ###
"""
    assert kind.left_in(menu, REFERENCES) == []
    own = menu + b"linux root=/dev/vg-sys/root\n"
    assert kind.left_in(own, REFERENCES) == [Reference(9, "/dev/vg-sys/root", True)]
