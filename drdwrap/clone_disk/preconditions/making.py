"""What must hold of the booted system before a clone is made on a disk."""

import os
from collections.abc import Mapping

from drdwrap.checks import Check
from drdwrap.clone_disk.booted_tree import BootedTree
from drdwrap.clone_disk.counterparts import planned_counterparts
from drdwrap.clone_disk.make_file_system import MAKERS
from drdwrap.clone_disk.preconditions.booting import booting_checks
from drdwrap.clone_disk.preconditions.key_file import key_file_checks
from drdwrap.clone_disk.preconditions.programs import missing_programs
from drdwrap.clone_disk.source import Source
from drdwrap.errors import DrdwrapError
from drdwrap.linux import lvm
from drdwrap.linux.block_devices import Devices
from drdwrap.pair.volume_groups import BOOTED_ROOT
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import encoded

_PROGRAMS = ("sfdisk", "wipefs", "pvcreate", "vgcreate", "lvcreate", "mkswap")


def making_checks(
    source: Source,
    devices: Devices,
    group: str,
    sizes: Mapping[str, int],
    key_file: str | None,
    booted: BootedTree,
) -> list[Check]:
    """All checks, except those of the disk and of encryption. `group` is the name of the clone's
    volume group, `sizes` are the requested sizes in bytes, by the LV's name."""
    programs = {*_PROGRAMS, *({"cryptsetup"} if key_file else ())}
    types = {system.type for system in source.root.file_systems}
    types |= {system.type for system in source.boot}
    programs |= {MAKERS[type_].program for type_ in types if type_ in MAKERS}
    programs |= set() if source.boot else {"mke2fs"}  # for the partition with its state
    counterparts = planned_counterparts(source, devices, encrypted=key_file is not None)
    return [
        *missing_programs(programs),
        _types(types),
        *_sizes(source, sizes),
        *([] if key_file is None else key_file_checks(source, devices, booted.root, key_file)),
        _activation(source, group),
        *booting_checks(source, counterparts, group, booted),
    ]


def _types(types: set[str]) -> Check:
    unknown = sorted(types - MAKERS.keys())
    return Check(
        "all file systems are of a type that drdwrap can make",
        not unknown,
        ", ".join(unknown) or ", ".join(sorted(types)),
        f"drdwrap can make {', '.join(MAKERS)}",
    )


def _sizes(source: Source, sizes: Mapping[str, int]) -> list[Check]:
    names = {lv.name for lv in source.lvs}
    checks = [
        Check(f"there is an LV {name}", False, "", f"the LVs are {', '.join(sorted(names))}")
        for name in sorted(sizes.keys() - names)
    ]
    for system in source.root.file_systems:
        asked = sizes.get(system.lv.name)
        if asked is None:
            continue
        status = os.statvfs(absolute(BOOTED_ROOT, system.mount_point))
        used = (status.f_blocks - status.f_bfree) * status.f_frsize
        checks.append(
            Check(
                f"the size of {system.lv.name} is enough",
                asked >= used * 1.1,
                f"{used / 1e6:.0f} MB are in use, and {asked / 1e6:.0f} MB are asked for",
                "ask for at least a tenth more than is in use",
            )
        )
    return checks


def _activation(source: Source, group: str) -> Check:
    """Whether LVM activates the clone's LVs, which have no tags: otherwise none can be made."""
    name = "LVM activates the clone's LVs"
    try:
        listed = lvm.volume_list()
    except DrdwrapError as error:
        return Check(name, False, error.message, error.hint)
    if listed is None:
        return Check(name, True, "like all others")
    named = group in listed or all(f"{group}/{one.name}" in listed for one in source.lvs)
    texts = [f'"{text}"' for text in listed]
    wanted = ", ".join([*texts, f'"{group}"'])
    return Check(
        name,
        named,
        for_screen(encoded(f"volume_list in lvm.conf has {', '.join(texts) or 'nothing'}")),
        for_screen(encoded(f"add it there: volume_list = [ {wanted} ]")),
    )
