"""A machine whose root is on LVM, and its clone: the devices named in the tests' texts.

The booted group is `vg-sys`, so the device mapper doubles a hyphen. Its volume `vm` is not on the
clone. A second machine has LUKS below LVM.
"""

from drdwrap.boot.references.device import Counterpart, Device, GroupName
from drdwrap.boot.references.in_text import References

BOOTED_VG = GroupName(b"vg-sys", "Zk3tQe-1aBc-2dEf-3gHi-4jKl-5mNo-PqRsTu")
CLONE_VG = GroupName(b"drd00", "Wx9vUu-9zYx-8wVu-7tSr-6qPo-5nMl-KjIhGf")

ROOT = Counterpart(
    Device(
        b"/dev/mapper/vg--sys-root",
        uuid="0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
        label="root",
        lv_uuid="AbCdEf-0001-0001-0001-0001-0001-AbCdEf",
    ),
    Device(
        b"/dev/mapper/drd00-root",
        uuid="ffffffff-1111-4222-8333-444444444444",
        label="drd-root",
        lv_uuid="ZyXwVu-0001-0001-0001-0001-0001-ZyXwVu",
    ),
)
SWAP = Counterpart(
    Device(
        b"/dev/mapper/vg--sys-swap_1",
        (b"/dev/dm-1",),
        uuid="5e5e5e5e-0000-4000-8000-000000000001",
        lv_uuid="AbCdEf-0002-0002-0002-0002-0002-AbCdEf",
    ),
    Device(
        b"/dev/mapper/drd00-swap_1",
        uuid="eeeeeeee-0000-4000-8000-000000000001",
        lv_uuid="ZyXwVu-0002-0002-0002-0002-0002-ZyXwVu",
    ),
)
NOT_ON_CLONE = Counterpart(
    Device(
        b"/dev/mapper/vg--sys-vm",
        uuid="dddddddd-0000-4000-8000-00000000000d",
        lv_uuid="AbCdEf-0003-0003-0003-0003-0003-AbCdEf",
    ),
    None,
)
BOOT = Counterpart(
    Device(
        b"/dev/vda2",
        (b"/dev/disk/by-path/pci-0000:00:04.0-part2",),
        uuid="b0b0b0b0-1111-4111-8111-b0b0b0b0b0b0",
        label="My Boot",
        partuuid="9d8c7b6a-0002-4002-8002-000000000002",
        partlabel="boot",
    ),
    Device(
        b"/dev/vdb2",
        uuid="c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1",
        partuuid="1d8c7b6a-0002-4002-8002-000000000002",
        partlabel="drd-boot",
    ),
)
ESP = Counterpart(
    Device(
        b"/dev/vda1",
        uuid="12AB-34CD",
        label="EFI",
        partuuid="9d8c7b6a-0001-4001-8001-000000000001",
        partlabel="EFI System Partition",
    ),
    Device(b"/dev/vdb1", uuid="99EE-77FF", partuuid="1d8c7b6a-0001-4001-8001-000000000001"),
)
PV = Counterpart(
    Device(
        b"/dev/vda3",
        uuid="PvPvPv-aaaa-bbbb-cccc-dddd-eeee-PvPvPv",
        partuuid="9d8c7b6a-0003-4003-8003-000000000003",
    ),
    Device(
        b"/dev/vdb3",
        uuid="CpCpCp-aaaa-bbbb-cccc-dddd-eeee-CpCpCp",
        partuuid="1d8c7b6a-0003-4003-8003-000000000003",
    ),
)
DISK = Counterpart(
    Device(
        b"/dev/vda", (b"/dev/disk/by-id/virtio-ORIGINAL", b"/dev/disk/by-path/pci-0000:00:04.0")
    ),
    Device(
        b"/dev/vdb",
        (
            b"/dev/disk/by-path/pci-0000:00:05.0",
            b"/dev/disk/by-diskseq/2",
            b"/dev/disk/by-id/virtio-CLONE",
        ),
    ),
)
COUNTERPARTS = (ROOT, SWAP, NOT_ON_CLONE, BOOT, ESP, PV, DISK)
REFERENCES = References.of(COUNTERPARTS, BOOTED_VG, CLONE_VG)

LUKS = Counterpart(
    Device(b"/dev/vda3", uuid="1c1c1c1c-2222-4333-8444-555555555555"),
    Device(b"/dev/vdb3", uuid="2d2d2d2d-2222-4333-8444-555555555555"),
)
LUKS_BY_UUID = Counterpart(
    Device(
        b"/dev/mapper/luks-1c1c1c1c-2222-4333-8444-555555555555",
        uuid="PvPvPv-aaaa-bbbb-cccc-dddd-eeee-PvPvPv",
    ),
    Device(
        b"/dev/mapper/luks-2d2d2d2d-2222-4333-8444-555555555555",
        uuid="CpCpCp-aaaa-bbbb-cccc-dddd-eeee-CpCpCp",
    ),
)
LUKS_BY_NAME = Counterpart(
    Device(b"/dev/mapper/vda3_crypt", uuid="PvPvPv-aaaa-bbbb-cccc-dddd-eeee-PvPvPv"),
    Device(b"/dev/mapper/drd-crypt", uuid="CpCpCp-aaaa-bbbb-cccc-dddd-eeee-CpCpCp"),
)
ENCRYPTED = References.of((ROOT, SWAP, BOOT, LUKS, LUKS_BY_UUID, LUKS_BY_NAME), BOOTED_VG, CLONE_VG)
