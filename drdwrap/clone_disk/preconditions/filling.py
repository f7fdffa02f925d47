"""What must hold before an existing clone is filled again."""

from drdwrap.checks import Check
from drdwrap.clone_disk.boot_partitions import has_boot_partitions
from drdwrap.clone_disk.booted_tree import BootedTree
from drdwrap.clone_disk.counterparts import existing_counterparts
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.preconditions.booting import booting_checks
from drdwrap.clone_disk.preconditions.encryption import encryption_checks
from drdwrap.clone_disk.source import Source
from drdwrap.linux.block_devices import Devices
from drdwrap.pair.volume_groups import VolumeGroups


def filling_checks(
    found: VolumeGroups, source: Source, devices: Devices, booted: BootedTree, *, unencrypted: bool
) -> list[Check]:
    """All checks. The clone's LVs are active."""
    assert found.clone is not None
    clone = CloneDisk.of(found.clone, devices)
    checks = [has_boot_partitions(source, clone)]
    if clone is not None:
        checks.append(is_apart(source, clone))
        encrypted = clone.container is not None
        checks += encryption_checks(source, encrypted=encrypted, unencrypted=unencrypted)
        counterparts = existing_counterparts(source, found.clone, clone, devices)
        checks += booting_checks(source, counterparts, found.clone_name, booted)
    return checks


def is_apart(source: Source, clone: CloneDisk) -> Check:
    """Whether the booted system has nothing on the clone's disk."""
    shared = clone.disk.number in {disk.number for disk in (*source.disks, *source.named)}
    return Check(
        "the clone's disk holds no part of the booted system",
        not shared,
        clone.disk.path,
        "make the clone on a disk of its own: 'drdwrap clone --disk DEVICE'",
    )
