"""The booted image and the other one, whichever of the two is the clone."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from drdwrap.boot.grub_directories import DIRECTORIES
from drdwrap.boot.root_files import RootFiles
from drdwrap.boot.selection.image import WRITTEN_BY_GRUB, Image, StatePlace
from drdwrap.clone_disk.disk_plan import STATE_NAME
from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.linux import block_devices, fstab
from drdwrap.linux.block_devices import ESP, BlockDevice, Devices
from drdwrap.linux.links_in_root import Resolver
from drdwrap.linux.lvm import LogicalVolume, VolumeGroup
from drdwrap.linux.mountinfo import is_mount_point, mounts
from drdwrap.pair import mounting, volume_groups
from drdwrap.pair.lvm import active
from drdwrap.pair.mounting import FileSystem
from drdwrap.pair.root_group import RootGroup
from drdwrap.pair.volume_groups import BOOTED_ROOT, VolumeGroups
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

_BOOT, _ESPS = b"boot", (b"boot/efi", b"efi", b"boot")


@dataclass(frozen=True)
class ImagePair:
    """Both images. `mine` is booted. `other_group` is the other one's volume group.

    `encrypted`: a passphrase or a key is needed before the other one's root is mounted.
    """

    mine: Image
    other: Image
    other_group: VolumeGroup
    encrypted: bool


@contextmanager
def both_images(config: Config) -> Iterator[ImagePair]:
    """Both images, the other one mounted where no other process sees it, for the length of the
    context. RefusedError if there are no two; DrdwrapError."""
    if config.layout != "lvm":
        raise RefusedError(
            "with 'layout: directories' drdwrap does not know how the other tree boots",
            "choose it in the boot loader by hand",
        )
    found = volume_groups.found_now(config)
    group = other_group(found)
    root = _root_lv(found, group)
    with ExitStack() as stack:
        stack.enter_context(active([root]))
        stack.enter_context(
            mounting.mounted_privately(
                [FileSystem(root.mapper_path, b"")], found.clone_root, mounting.GUARDED
            )
        )
        devices = block_devices.devices()
        _mount_boot_partitions(found.clone_root, devices, found.root_group)
        yield ImagePair(
            _image(found.root_group.group, BOOTED_ROOT, devices),
            _image(group, found.clone_root, devices),
            group,
            _is_encrypted(group, devices),
        )


def other_group(found: VolumeGroups) -> VolumeGroup:
    """The volume group of the image that is not booted. RefusedError if it cannot be told."""
    if not isinstance(found.booted, RootGroup):
        raise RefusedError(found.booted, "activate is for two images on LVM")
    if not found.booted_from_clone:
        check = volume_groups.clone_check(found)
        if not check.ok:
            raise RefusedError(f"{check.name}: {check.found}", check.remedy)
        assert found.clone is not None
        return found.clone
    name = found.root_group.file_systems[0].lv.name
    booted = found.root_group.group
    like = [one for one in found.groups if one.uuid != booted.uuid and one.lv(name) is not None]
    if len(like) != 1:
        names = ", ".join(one.name for one in like) or "none"
        raise RefusedError(
            f"the original cannot be told from other volume groups: {names} has an LV '{name}'",
            "connect its disk, and no other with such an LV",
        )
    return like[0]


def _root_lv(found: VolumeGroups, group: VolumeGroup) -> LogicalVolume:
    name = found.root_group.file_systems[0].lv.name
    lv = group.lv(name)
    if lv is None:
        raise RefusedError(f"{group.name} has no LV {name}", "make the clone again")
    return lv


def _mount_boot_partitions(root: bytes, devices: Devices, booted: RootGroup) -> None:
    """Mount /boot and the ESP below `root`, as its own fstab says. They end with the namespace."""
    own = {disk.path for disk in _disks(booted.group, devices)}
    wanted = _boot_devices(root, devices)
    for point in sorted(wanted, key=len):
        device = wanted[point]
        if any(disk.path in own for disk in devices.disks_of(device.number)):
            raise RefusedError(
                f"/{for_screen(point)} of the other image is on the booted image's disk"
                f" ({device.path})",
                "make the clone with 'drdwrap clone --disk DEVICE', so that it boots by itself",
            )
        mounting.mount([FileSystem(device.path, point)], root, mounting.GUARDED)


def _boot_devices(root: bytes, devices: Devices) -> dict[bytes, BlockDevice]:
    """The partitions for /boot and the ESP that the fstab in `root` names, by mount point."""
    found = {}
    for entry in fstab.of(root):
        point = entry.mount_point.strip(b"/")
        if point not in (_BOOT, *_ESPS):
            continue
        number = block_devices.number_of(block_devices.node_of(entry.spec))
        device = devices.at(number) if number else None
        if device is None:
            raise RefusedError(
                f"/{for_screen(point)} of an image is not there ({for_screen(entry.spec)})",
                "connect its disk",
            )
        if device.kind != "lvm":
            found[point] = device
    return found


def booted_image(found: VolumeGroups) -> Image:
    """The booted image alone. RefusedError if it is not on one disk, or /boot is not mounted."""
    return _image(found.root_group.group, BOOTED_ROOT, block_devices.devices())


def _image(group: VolumeGroup, root: bytes, devices: Devices) -> Image:
    disks = _disks(group, devices)
    if len(disks) != 1:
        raise RefusedError(
            f"{group.name} is not on exactly one disk", "drdwrap starts images on one disk each"
        )
    (disk,) = disks
    files = RootFiles(root)
    grub = next((name for name in DIRECTORIES if files.has(name + b"/grub.cfg")), DIRECTORIES[0])
    partitions = _boot_devices(root, devices)
    if root == BOOTED_ROOT:
        table = mounts()
        for point in partitions:
            if not is_mount_point(absolute(root, point), table):
                raise RefusedError(f"/{for_screen(point)} is not mounted", "mount it first")
    esps = [(p, d) for p, d in partitions.items() if p in _ESPS and d.part_type == ESP]
    esp_point, esp = esps[0] if esps else (b"", None)
    return Image(
        group.name,
        root,
        disk,
        grub,
        _place(disk, partitions.get(_BOOT), esp, grub),
        esp,
        esp_point,
        _init(root),
    )


def _place(
    disk: BlockDevice,
    boot: BlockDevice | None,
    esp: BlockDevice | None,
    grub: bytes,
) -> StatePlace | None:
    """Where the state can lie: in /boot if that is a plain file system, on the ESP, or on a small
    partition that was made for it."""
    if boot is not None and boot is not esp and _is_plain(boot):
        path = grub.removeprefix(_BOOT) + b"/drdwrap.env"
        return StatePlace(boot.uuid, boot.contents, path)
    if esp is not None and _is_plain(esp):
        return StatePlace(esp.uuid, esp.contents, b"/EFI/drdwrap.env")
    small = next((one for one in disk.children if one.partlabel == STATE_NAME), None)
    if small is not None and _is_plain(small):
        return StatePlace(small.uuid, small.contents, b"/drdwrap.env")
    return None


def _is_plain(device: BlockDevice) -> bool:
    return device.kind == "part" and device.contents in WRITTEN_BY_GRUB and not device.read_only


def _disks(group: VolumeGroup, devices: Devices) -> list[BlockDevice]:
    numbers = [block_devices.number_of(one.device) for one in group.physical]
    found = {disk.path: disk for number in numbers for disk in devices.disks_of(number)}
    return list(found.values())


def _init(root: bytes) -> str:
    """systemd or sysv: what /sbin/init is."""
    real = Resolver(root).directory(b"sbin/init")
    return "systemd" if os.path.basename(real) == b"systemd" else "sysv"


def _is_encrypted(group: VolumeGroup, devices: Devices) -> bool:
    numbers = [block_devices.number_of(one.device) for one in group.physical]
    below = [device for number in numbers for device in devices.below(number)]
    return any(device.kind == "crypt" for device in below)
