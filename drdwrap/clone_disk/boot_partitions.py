"""The clone's own /boot and ESP, which are mounted where the booted system mounts its own."""

from drdwrap.checks import Check, refuse_unless
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.source import Source
from drdwrap.linux import block_devices
from drdwrap.pair.mounting import FileSystem
from drdwrap.pair.volume_groups import VolumeGroups
from drdwrap.paths.escaping import for_screen


def boot_partitions_to_mount(found: VolumeGroups) -> list[FileSystem]:
    """The clone's boot partitions, if it has any. RefusedError if one would be left out."""
    assert found.clone is not None
    devices = block_devices.devices()
    source = Source.of_booted(found, devices)
    clone = CloneDisk.apart(found.clone, source, devices)
    if clone is None:
        return []
    refuse_unless([booted_ones_are_mounted(source, clone)])
    return clone.boot_file_systems(source)


def booted_ones_are_mounted(source: Source, clone: CloneDisk) -> Check:
    """Whether the booted system's /boot and ESP are mounted now, if the clone has its own: they
    show where the clone's go. (They may be noauto, or an idle automount.)"""
    used = {system.device for system in clone.boot_file_systems(source)}
    parts = ((clone.boot, "/boot"), (clone.esp, "the EFI system partition"))
    lacking = [name for part, name in parts if part is not None and part.path not in used]
    return Check(
        "the booted system's boot partitions are mounted",
        not lacking,
        ", ".join(lacking) + " is not",
        "mount it first ('mount /boot', 'mount /boot/efi'): otherwise the clone's is left out, and"
        " a new kernel would go to an empty directory",
    )


def has_boot_partitions(source: Source, clone: CloneDisk | None) -> Check:
    """Whether an existing clone has its own of each boot partition of the booted system."""
    here = {system.mount_point for system in clone.boot_file_systems(source)} if clone else set()
    lacking = [one.mount_point for one in source.boot if one.mount_point not in here]
    return Check(
        "the clone's disk has boot partitions of its own",
        clone is not None and not lacking,
        "none for /" + ", /".join(for_screen(point) for point in lacking)
        if clone
        else "its volume group is not on exactly one disk",
        "make the clone on a disk with 'drdwrap clone --disk DEVICE'",
    )
