"""What has to hold of the booted system for a clone of it to be made, besides the disk."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drdwrap.boot.device import Twin
from drdwrap.boot.families.commands import Bios, Firmware, Uefi
from drdwrap.boot.families.detect import detect
from drdwrap.boot.leftovers import Left, unmendable
from drdwrap.checks import Check
from drdwrap.clone_disk import counterparts, key_files
from drdwrap.clone_disk.counterparts import CloneDisk
from drdwrap.clone_disk.file_system import MAKERS
from drdwrap.clone_disk.source import BIOS, Source
from drdwrap.errors import DrdwrapError, RefusedError
from drdwrap.linux import lvm, process
from drdwrap.linux.block_devices import Devices
from drdwrap.pair.volume_groups import BOOTED_ROOT, Found
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

_ALWAYS = ("lsblk", "mount", "rsync", "chroot")
_FOR_DISK = ("sfdisk", "wipefs", "pvcreate", "vgcreate", "lvcreate", "mkswap")


@dataclass(frozen=True)
class BootedTree:
    """The booted system's files: the file systems that are cloned, and no others, below `root`.
    What `is_excluded` does not come to the clone."""

    root: bytes
    is_excluded: Callable[[bytes], bool]


def of_making(
    source: Source,
    tree: Devices,
    group: str,
    sizes: Mapping[str, int],
    key_file: str | None,
    booted: BootedTree,
) -> list[Check]:
    """For a clone on a disk to be made."""
    programs = {*_FOR_DISK, *({"cryptsetup"} if key_file else ())}
    types = {system.type for system in source.root.file_systems}
    types |= {system.type for system in source.boot}
    programs |= {MAKERS[type_].program for type_ in types if type_ in MAKERS}
    planned = counterparts.planned(source, tree, encrypted=key_file is not None)
    return [
        *_programs(programs),
        _types(types),
        *_sizes(source, sizes),
        *([] if key_file is None else key_files.checks(source, tree, booted.root, key_file)),
        _activation(source, group),
        *of_finishing(source, planned, group, booted),
    ]


def of_finishing(
    source: Source, devices: list[Twin], group: str, booted: BootedTree
) -> list[Check]:
    """For any clone that is to boot by itself."""
    references = counterparts.references(source, group, devices)
    left = unmendable(booted.root, references, booted.is_excluded)
    return [
        *_programs(_ALWAYS),
        *_boot_loader(source, booted.root),
        _kernel(booted.root),
        Check(
            "all that names the booted disks can name the clone's",
            not left,
            "; ".join(describe(one) for one in left[:5]),
            "mount what is named and is to be on the clone; take out what is not needed to boot, or"
            " mark it noauto or nofail",
        ),
    ]


def describe(left: Left) -> str:
    """A reference to the booted side, in words."""
    place = f", line {left.line}" if left.line else ""
    return f"{left.what} in /{for_screen(left.path)}{place}"


def _boot_loader(source: Source, root: bytes) -> list[Check]:
    name = "a clone can be made to boot"
    try:
        loader = detect(root, firmware(source, b""), os.uname().machine)
    except DrdwrapError as error:
        return [Check(name, False, error.message, error.hint)]
    lacking = [
        Check(
            f"there is /{for_screen(missing.path)}",
            False,
            "",
            f"install {missing.package}",
        )
        for missing in loader.missing
    ]
    return [Check(name, True, f"as on {loader.family}"), *lacking]


def _kernel(root: bytes) -> Check:
    """Whether there is a kernel to boot: not so where /boot is not mounted, or a subvolume."""
    try:
        names = os.listdir(absolute(root, b"boot"))
    except OSError:
        names = []
    found = sorted(name for name in names if name.startswith((b"vmlinuz", b"vmlinux", b"Image")))
    return Check(
        "there is a kernel in /boot",
        bool(found),
        ", ".join(for_screen(name) for name in found[:3]) or "none in what is mounted there",
        "mount /boot (a whole file system, no subvolume)",
    )


def firmware(source: Source, device: bytes) -> Firmware:
    """What the clone is to boot by. `device` is the path of its disk under BIOS, of its ESP under
    UEFI. RefusedError on UEFI without an ESP."""
    if source.firmware == BIOS:
        return Bios(device)
    for system in source.boot:
        if system.is_esp:
            return Uefi(absolute(BOOTED_ROOT, system.mount_point), device)
    raise RefusedError(
        "the machine was booted by UEFI, and no EFI system partition is mounted",
        "mount it (at /boot/efi, say)",
    )


def encryption(source: Source, *, encrypted: bool, unencrypted: bool) -> list[Check]:
    """Whether the clone is as well guarded as its source, or is meant not to be."""
    above = [system.volume.name for system in source.root.file_systems if system.encrypted]
    return [
        Check(
            "no encryption is inside a logical volume",
            not above,
            ", ".join(above),
            "drdwrap makes clones of volume groups that lie in LUKS, and none with LUKS in their"
            " volumes; keep such a system's clone by hand, with 'layout: directories'",
        ),
        Check(
            "only an encrypted source gets an encrypted clone",
            bool(source.encrypted) or not encrypted,
            "the booted volume group is not encrypted",
            "leave --key-file out: nothing on the clone would open its container at boot",
        ),
        Check(
            "an encrypted source gets an encrypted clone",
            not source.encrypted or encrypted or unencrypted,
            source.encrypted,
            "--key-file FILE makes an encrypted clone; --unencrypted says that all may lie open",
        ),
    ]


def apart(source: Source, clone: CloneDisk) -> Check:
    """Whether the clone's disk is none of those that the booted system lies on."""
    shared = clone.disk.number in {disk.number for disk in (*source.disks, *source.named)}
    return Check(
        "the clone's disk holds no part of the booted system",
        not shared,
        clone.disk.path,
        "make the clone on a disk of its own: 'drdwrap clone --disk DEVICE'",
    )


def boot_partitions(source: Source, clone: CloneDisk | None) -> Check:
    """Whether a clone that is there has what the booted system boots by."""
    here = {system.mount_point for system in clone.boot_file_systems(source)} if clone else set()
    lacking = [one.mount_point for one in source.boot if one.mount_point not in here]
    return Check(
        "the clone's disk has boot partitions of its own",
        clone is not None and not lacking,
        "none for /" + ", /".join(for_screen(point) for point in lacking)
        if clone
        else "its volume group is not on one disk",
        "make the clone on a disk with 'drdwrap clone --disk DEVICE'",
    )


def booted_boot(source: Source, clone: CloneDisk) -> Check:
    """Whether the booted system has mounted, at this moment, what the clone's boot partitions stand
    for: where they go is told by that (an automount may be idle)."""
    used = {system.device for system in clone.boot_file_systems(source)}
    parts = ((clone.boot, "/boot"), (clone.esp, "the EFI system partition"))
    lacking = [name for part, name in parts if part is not None and part.path not in used]
    return Check(
        "what the clone's boot partitions stand for is mounted on the booted system",
        not lacking,
        ", ".join(lacking) + " is not",
        "mount it there first ('mount /boot', 'mount /boot/efi'): without it the clone's would be"
        " left out, and a new kernel would go to an empty directory",
    )


def block_sizes(source: Source) -> list[int]:
    """The block sizes of the booted file systems, in bytes, but for FAT's, which has its own."""
    points = [system.mount_point for system in source.root.file_systems]
    points += [system.mount_point for system in source.boot if system.type != "vfat"]
    return [os.statvfs(absolute(BOOTED_ROOT, point)).f_bsize for point in points]


def _programs(names: Mapping[str, str] | set[str] | tuple[str, ...]) -> list[Check]:
    """A check for each program that is missing."""
    checks = []
    for name in sorted(names):
        try:
            process.find_program(name)
        except DrdwrapError as error:
            checks.append(Check(f"{name} is installed", False, error.message, error.hint))
    return checks


def _types(types: set[str]) -> Check:
    unknown = sorted(types - MAKERS.keys())
    return Check(
        "all file systems are of a type that drdwrap can make",
        not unknown,
        ", ".join(unknown) or ", ".join(sorted(types)),
        f"known are {', '.join(MAKERS)}",
    )


def _sizes(source: Source, sizes: Mapping[str, int]) -> list[Check]:
    names = {volume.name for volume in source.volumes}
    checks = [
        Check(f"there is a volume {name}", False, "", f"the volumes are {', '.join(sorted(names))}")
        for name in sorted(sizes.keys() - names)
    ]
    for system in source.root.file_systems:
        asked = sizes.get(system.volume.name)
        if asked is None:
            continue
        status = os.statvfs(absolute(BOOTED_ROOT, system.mount_point))
        used = (status.f_blocks - status.f_bfree) * status.f_frsize
        checks.append(
            Check(
                f"the size of {system.volume.name} is enough",
                asked >= used * 1.1,
                f"{used / 1e6:.0f} MB are in use, and {asked / 1e6:.0f} MB are asked for",
                "leave a tenth of what is used free",
            )
        )
    return checks


def _activation(source: Source, group: str) -> Check:
    """Whether LVM would activate the clone's volumes, which have no tags: else none can be made."""
    name = "LVM activates the clone's volumes"
    try:
        listed = lvm.volume_list()
    except DrdwrapError as error:
        return Check(name, False, error.message, error.hint)
    if listed is None:
        return Check(name, True, "as all others")
    named = group in listed or all(f"{group}/{one.name}" in listed for one in source.volumes)
    texts = [f'"{text}"' for text in listed]
    wanted = ", ".join([*texts, f'"{group}"'])
    return Check(
        name,
        named,
        for_screen(os.fsencode(f"volume_list in lvm.conf has {', '.join(texts) or 'nothing'}")),
        for_screen(os.fsencode(f"add it there: volume_list = [ {wanted} ]")),
    )


def of_filling(
    found: Found,
    source: Source,
    tree: Devices,
    booted: BootedTree,
    *,
    unencrypted: bool,
) -> list[Check]:
    """For a clone that is there already and is to be filled anew."""
    assert found.clone is not None
    clone = CloneDisk.of(found.clone, tree)
    checks = [boot_partitions(source, clone)]
    if clone is not None:
        checks.append(apart(source, clone))
        encrypted = clone.container is not None
        checks += encryption(source, encrypted=encrypted, unencrypted=unencrypted)
        devices = counterparts.found(source, found.clone, clone, tree)
        checks += of_finishing(source, devices, found.name, booted)
    return checks
