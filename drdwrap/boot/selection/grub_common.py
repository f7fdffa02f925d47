"""What both ways to start an image by GRUB have in common."""

import os

from drdwrap.boot.selection.custom_cfg import GrubSide
from drdwrap.boot.selection.grub_menu import default_entry, includes_custom_cfg
from drdwrap.boot.selection.image import Image
from drdwrap.checks import Check, answered
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

SMALL_PARTITION = (
    "make the clone again with 'drdwrap clone --disk DEVICE --overwrite', which makes a small"
    " partition for it; until then choose its disk in the firmware's boot menu"
)

_TABLES = {"gpt": "part_gpt", "dos": "part_msdos"}
_FILE_SYSTEMS = {"ext2": "ext2", "ext3": "ext2", "ext4": "ext2", "xfs": "xfs", "vfat": "fat"}


def side_of(image: Image) -> GrubSide | None:
    """The image as GRUB finds it; None if its state is out of GRUB's reach."""
    if image.place is None:
        return None
    modules = [_TABLES.get(image.disk.table, ""), _FILE_SYSTEMS.get(image.place.type, "")]
    return GrubSide(
        f"{image.name} (drdwrap)",
        image.place.uuid,
        os.fsdecode(image.place.path),
        tuple(filter(None, modules)),
    )


def checks_of_menus(mine: Image, other: Image) -> list[Check]:
    """Whether both menus read custom.cfg, and the other one has an entry that can be started."""
    return [
        _reads_custom_cfg(mine),
        _reads_custom_cfg(other),
        answered(f"{other.name} has a menu entry to start", lambda: _entry(other)),
        Check(
            f"the state of {other.name} can lie on a plain partition",
            other.place is not None,
            for_screen(os.fsencode(other.place.device))
            if other.place
            else "GRUB cannot write to LVM, RAID or btrfs, and it has no other /boot",
            SMALL_PARTITION,
        ),
    ]


def _reads_custom_cfg(image: Image) -> Check:
    menu = for_screen(b"/" + image.menu)
    return Check(
        f"the menu of {image.name} reads custom.cfg",
        includes_custom_cfg(image.text(image.menu)),
        menu,
        f"make the menu with grub-mkconfig on {image.name} ('update-grub'), with"
        " /etc/grub.d/41_custom executable",
    )


def _entry(image: Image) -> Check:
    entry = default_entry(image.text(image.menu), image.saved())
    missing = [path for path in (entry.kernel, *entry.initrds) if not _has(image, path)]
    return Check(
        f"{image.name} has a menu entry to start",
        not missing,
        f"'{entry.title}'"
        + (", but these files are missing: " + ", ".join(missing) if missing else ""),
        f"run 'update-grub' on {image.name} ('drdwrap mount --for-patching', then chroot)",
    )


def _has(image: Image, path: str) -> bool:
    """Whether a file exists that GRUB finds at `path`: from the root, or from /boot if that is a
    file system of its own."""
    name = os.fsencode(path.lstrip("/"))
    places = (absolute(image.root, name), absolute(image.root, b"boot/" + name))
    return "(" in path or any(os.path.isfile(place) for place in places)
