"""Each form of a reference is mended; what only looks like one stays as it is."""

import re

import pytest

from .machine import ENCRYPTED, REFERENCES

OLD_GROUP = b"Zk3tQe1aBc2dEf3gHi4jKl5mNoPqRsTu"


def pairs(table: bytes) -> list[list[bytes]]:
    """Two lines each: the text, and after an arrow the expected text."""
    return [pair.split(b"\n=> ") for pair in re.split(rb"\n(?!=> )", table.strip(b"\n"))]


MENDED = rb"""
/dev/mapper/vg--sys-root / ext4
=> /dev/mapper/drd00-root / ext4
/dev/vg-sys/root / ext4
=> /dev/drd00/root / ext4
resume=/dev/vg-sys/swap_1
=> resume=/dev/drd00/swap_1
"/dev/vg-sys/root"
=> "/dev/drd00/root"
see /dev/vg-sys/root.
=> see /dev/drd00/root.
fsck: /dev/vg-sys/root: clean
=> fsck: /dev/drd00/root: clean
/dev/vg-sys/root
=> /dev/drd00/root
/dev/vg\x2dsys/root
=> /dev/drd00/root
/dev/vg\055sys/root
=> /dev/drd00/root
ls /dev/vg-sys/*
=> ls /dev/drd00/*
ls /dev/vg-sy[s]/* /dev/vg-sys/root*
=> ls /dev/vg-sy[s]/* /dev/drd00/root*
ls /dev/mapper/vg--sys-*
=> ls /dev/mapper/drd00-*
/dev/dm-1
=> /dev/mapper/drd00-swap_1
/dev/vda2 /boot
=> /dev/disk/by-uuid/c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1 /boot
/dev/vda1 /boot/efi
=> /dev/disk/by-uuid/99EE-77FF /boot/efi
"a|^/dev/vda3$|"
=> "a|^/dev/disk/by-id/lvm-pv-uuid-CpCpCp-aaaa-bbbb-cccc-dddd-eeee-CpCpCp$|"
(hd0)	/dev/disk/by-id/virtio-ORIGINAL
=> (hd0)	/dev/disk/by-id/virtio-CLONE
/dev/disk/by-path/pci-0000:00:04.0
=> /dev/disk/by-id/virtio-CLONE
/dev/disk/by-path/pci-0000:00:04.0-part2
=> /dev/disk/by-uuid/c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1
/dev/disk/by-id/dm-name-vg--sys-root
=> /dev/disk/by-id/dm-name-drd00-root
/dev/disk/by-id/dm-uuid-LVM-Zk3tQe1aBc2dEf3gHi4jKl5mNoPqRsTuAbCdEf00010001000100010001AbCdEf
=> /dev/disk/by-id/dm-uuid-LVM-Wx9vUu9zYx8wVu7tSr6qPo5nMlKjIhGfZyXwVu00010001000100010001ZyXwVu
/dev/disk/by-id/lvm-pv-uuid-PvPvPv-aaaa-bbbb-cccc-dddd-eeee-PvPvPv
=> /dev/disk/by-id/lvm-pv-uuid-CpCpCp-aaaa-bbbb-cccc-dddd-eeee-CpCpCp
/dev/disk/by-uuid/0A1B2C3D-4e5f-4a6b-8c7d-9e0f1a2b3c4d
=> /dev/disk/by-uuid/ffffffff-1111-4222-8333-444444444444
/dev/disk/by-uuid/12AB-34CD
=> /dev/disk/by-uuid/99EE-77FF
/dev/disk/by-label/root
=> /dev/mapper/drd00-root
/dev/disk/by-label/My\x20Boot
=> /dev/disk/by-uuid/c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1
/dev/disk/by-partuuid/9d8c7b6a-0002-4002-8002-000000000002
=> /dev/disk/by-partuuid/1d8c7b6a-0002-4002-8002-000000000002
/dev/disk/by-partlabel/boot
=> /dev/disk/by-uuid/c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1
UUID=0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d /
=> UUID=ffffffff-1111-4222-8333-444444444444 /
UUID="0A1B2C3D-4E5F-4A6B-8C7D-9E0F1A2B3C4D" /
=> UUID="ffffffff-1111-4222-8333-444444444444" /
root=PARTUUID=9d8c7b6a-0002-4002-8002-000000000002
=> root=PARTUUID=1d8c7b6a-0002-4002-8002-000000000002
UUID=12AB-34CD /boot/efi vfat
=> UUID=99EE-77FF /boot/efi vfat
UUID=12ab-34cd /boot/efi vfat
=> UUID=99EE-77FF /boot/efi vfat
ENV{ID_FS_UUID}=="12AB-34CD", SYMLINK+="esp"
=> ENV{ID_FS_UUID}=="99EE-77FF", SYMLINK+="esp"
search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt1 12AB-34CD
=> search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt1 99EE-77FF
search.fs_uuid b0b0b0b0-1111-4111-8111-b0b0b0b0b0b0 root
=> search.fs_uuid c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1 root
set root='lvmid/Zk3tQe-1aBc-2dEf-3gHi-4jKl-5mNo-PqRsTu/AbCdEf-0001-0001-0001-0001-0001-AbCdEf'
=> set root='lvmid/Wx9vUu-9zYx-8wVu-7tSr-6qPo-5nMl-KjIhGf/ZyXwVu-0001-0001-0001-0001-0001-ZyXwVu'
set root='lvm/vg--sys-root'
=> set root='lvm/drd00-root'
LABEL=root / xfs
=> UUID=ffffffff-1111-4222-8333-444444444444 / xfs
  LABEL="root"	/	xfs
=>   UUID=ffffffff-1111-4222-8333-444444444444	/	xfs
LABEL=My\040Boot /boot ext4
=> UUID=c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1 /boot ext4
What=LABEL='My Boot'
=> What=UUID=c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1
root=LABEL=root ro
=> root=UUID=ffffffff-1111-4222-8333-444444444444 ro
PARTLABEL="EFI System Partition" /boot/efi vfat
=> PARTUUID=1d8c7b6a-0001-4001-8001-000000000001 /boot/efi vfat
data LABEL=root none luks
=> data UUID=ffffffff-1111-4222-8333-444444444444 none luks
After=dev-mapper-vg\x2d\x2dsys\x2droot.device
=> After=dev-mapper-drd00\x2droot.device
dev-vg\x2dsys-root.device
=> dev-drd00-root.device
systemd-fsck@dev-disk-by\x2duuid-12AB\x2d34CD.service
=> systemd-fsck@dev-disk-by\x2duuid-99EE\x2d77FF.service
dev-disk-by\x2duuid-0a1b2c3d\x2d4e5f\x2d4a6b\x2d8c7d\x2d9e0f1a2b3c4d.device.d
=> dev-disk-by\x2duuid-ffffffff\x2d1111\x2d4222\x2d8333\x2d444444444444.device.d
rd.lvm.lv=vg-sys/root rd.lvm.lv=vg-sys/swap_1
=> rd.lvm.lv=drd00/root rd.lvm.lv=drd00/swap_1
rd.lvm.vg=vg-sys
=> rd.lvm.vg=drd00
"rd_LVM_LV=vg-sys/root"
=> "rd_LVM_LV=drd00/root"
"""

ON_LUKS = rb"""
rd.luks.uuid=luks-1c1c1c1c-2222-4333-8444-555555555555
=> rd.luks.uuid=luks-2d2d2d2d-2222-4333-8444-555555555555
rd.luks.uuid=1C1C1C1C-2222-4333-8444-555555555555 quiet
=> rd.luks.uuid=2d2d2d2d-2222-4333-8444-555555555555 quiet
rd.luks.name=1c1c1c1c-2222-4333-8444-555555555555=vda3_crypt
=> rd.luks.name=2d2d2d2d-2222-4333-8444-555555555555=drd-crypt
luks-1c1c1c1c-2222-4333-8444-555555555555 UUID=1c1c1c1c-2222-4333-8444-555555555555 none
=> luks-2d2d2d2d-2222-4333-8444-555555555555 UUID=2d2d2d2d-2222-4333-8444-555555555555 none
vda3_crypt UUID=1c1c1c1c-2222-4333-8444-555555555555 none luks,discard
=> drd-crypt UUID=2d2d2d2d-2222-4333-8444-555555555555 none luks,discard
cryptdevice=UUID=1c1c1c1c-2222-4333-8444-555555555555:vda3_crypt:allow-discards
=> cryptdevice=UUID=2d2d2d2d-2222-4333-8444-555555555555:drd-crypt:allow-discards
cryptdevice=/dev/vda3:vda3_crypt root=/dev/vg-sys/root
=> cryptdevice=/dev/disk/by-uuid/2d2d2d2d-2222-4333-8444-555555555555:drd-crypt root=/dev/drd00/root
Requires=systemd-cryptsetup@luks\x2d1c1c1c1c\x2d2222\x2d4333\x2d8444\x2d555555555555.service
=> Requires=systemd-cryptsetup@luks\x2d2d2d2d2d\x2d2222\x2d4333\x2d8444\x2d555555555555.service
After=systemd-cryptsetup@vda3_crypt.service
=> After=systemd-cryptsetup@drd\x2dcrypt.service
/dev/mapper/vda3_crypt
=> /dev/mapper/drd-crypt
cryptomount -u 1c1c1c1c222243338444555555555555
=> cryptomount -u 2d2d2d2d222243338444555555555555
IDTYPE=crypt_uuid IDNAME=CRYPT-LUKS2-1c1c1c1c222243338444555555555555-x
=> IDTYPE=crypt_uuid IDNAME=CRYPT-LUKS2-2d2d2d2d222243338444555555555555-x
"""


@pytest.mark.parametrize(("text", "expected"), pairs(MENDED))
def test_mended(text: bytes, expected: bytes) -> None:
    assert REFERENCES.mended(text) == expected
    assert REFERENCES.left_in(text)
    assert REFERENCES.left_in(expected) == []


@pytest.mark.parametrize(("text", "expected"), pairs(ON_LUKS))
def test_mended_where_lvm_lies_on_luks(text: bytes, expected: bytes) -> None:
    assert ENCRYPTED.mended(text) == expected
    assert ENCRYPTED.left_in(expected) == []


@pytest.mark.parametrize(
    "text",
    [
        b"/mnt/dev/vg-sys/root",
        b"${ROOT}/dev/vg-sys/root",
        b"./dev/vg-sys/root",
        b"/dev/vg-sys2/root",
        b"/dev/vda22",
        b"/dev/vda1p1",
        b"/dev/mapper/vg--sys--2-root",
        b"/dev/mapper/vg-sys-root",
        b"/dev/disk/by-id/virtio-ORIGINAL-part9",
        b"the group vg-sys and its volume vg-sys/root",
        b"lv=vg-sys/root",
        b"hard.lvm.lv=vg-sys/root",
        b"phone 12AB-34CD",
        b"SUUID 12AB-34CD",
        b"00a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
        b"0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d0",
        b'LABEL="root"',
        b'ACTION=="add", GOTO="root"\nLABEL="root"\n',
        b"export LABEL=root",
        b"MYLABEL=root / ext4",
        b"LABEL=root2 / ext4",
        b"vda3_crypt is open",
        b"dev-hugepages.mount",
        b"dev-vg-sys-root.device",
        b"\xff\xfe/dev/\x00",
        b"",
    ],
)
def test_left_as_it_is(text: bytes) -> None:
    assert REFERENCES.mended(text) == text
    assert REFERENCES.left_in(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"/dev/vg-sys/vm /srv ext4", "/dev/vg-sys/vm"),
        (b"/dev/vg-sys/root2 /srv ext4", "/dev/vg-sys/root2"),
        (b"/dev/vg-sys/root.old:x", "/dev/vg-sys/root.old"),
        (b"/dev/mapper/vg--sys-pool0_tdata", "/dev/mapper/vg--sys-pool0_tdata"),
        (b"UUID=dddddddd-0000-4000-8000-00000000000d", "dddddddd-0000-4000-8000-00000000000d"),
        (b"rd.lvm.lv=vg-sys/other", "vg-sys/other"),
        (rb"dev-mapper-vg\x2d\x2dsys\x2dvm.device", r"dev-mapper-vg\134x2d\134x2dsys\134x2dvm"),
        (b"lvm/vg--sys-vm", "vg--sys-vm"),
        (
            b"lvmid/Zk3tQe-1aBc-2dEf-3gHi-4jKl-5mNo-PqRsTu/AbCdEf-0003-0003-0003-0003-0003-AbCdEf",
            "Zk3tQe-1aBc-2dEf-3gHi-4jKl-5mNo-PqRsTu/AbCdEf-0003-0003-0003-0003-0003-AbCdEf",
        ),
        (b"dm-uuid-LVM-" + OLD_GROUP + b"x" * 32, (OLD_GROUP + b"x" * 32).decode()),
        (b"a|/dev/vda[0-9]+|", "/dev/vda"),
        (b"ls /dev/vda?", "/dev/vda"),
        (b"/dev/vg-sys/ro\xc3\xb6t", "/dev/vg-sys/roöt"),
    ],
)
def test_a_name_without_counterpart_is_left_and_reported(text: bytes, what: str) -> None:
    assert REFERENCES.mended(text) == text
    (left,) = REFERENCES.left_in(b"\n# /dev/vg-sys/vm\n\t#" + text + b"\nx " + text)
    assert (left.line, left.what, left.mendable) == (4, what, False)
