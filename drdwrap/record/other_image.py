"""The other image as seen from the one that is booted, in the layout `lvm`.

`clone.volume_group` names one of the pair. If that one is booted, the other image is the volume
group of the former original. The record and the marker know it by its UUID.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux.lvm import VolumeGroup
from drdwrap.pair import layout, volume_groups
from drdwrap.pair.identity import root_part
from drdwrap.pair.root_group import RootGroup
from drdwrap.record import marker, store
from drdwrap.record.state_directory import StateDirectory


def seen_from_here(config: Config) -> Config:
    """The configuration in which `clone.volume_group` is the other image's, whichever is booted.

    The group stays as configured, and only `clone.is_booted` is set, while the other one cannot be
    told: its disk is not there, say.
    """
    if not layout.of(config).booted_from_clone(config):
        return config
    clone = replace(config.clone, is_booted=True)
    with suppress(DrdwrapError):
        if name := _other_group(config):
            clone = replace(clone, volume_group=name)
    return replace(config, clone=clone)


def _other_group(config: Config) -> str:
    """The name of the other image's volume group, or the empty string. ProgramError."""
    found = volume_groups.found_now(config)
    if not isinstance(found.booted, RootGroup):
        return ""
    booted = found.booted
    others = [group for group in found.groups if group.uuid != booted.group.uuid]
    for known in _known_groups(config, booted.group):
        if names := [group.name for group in others if f"vg={group.uuid}" == known]:
            return names[0]
    if any(_known_groups(config, booted.group)):
        return ""  # it is known, and is not there
    root = booted.file_systems[0].lv.name
    alike = [group.name for group in others if group.lv(root) is not None]
    return alike[0] if len(alike) == 1 else ""


def _known_groups(config: Config, booted: VolumeGroup) -> Iterator[str]:
    """The other image as the booted one's own record and marker name it."""
    header = store.read_header(StateDirectory.of(config).record)
    if header is not None:
        sides = {root_part(header.booted_id), root_part(header.clone_id)}
        if f"vg={booted.uuid}" in sides:
            yield from sides - {f"vg={booted.uuid}"}
    with suppress(OSError):
        carried = marker.read(volume_groups.BOOTED_ROOT)
        if carried is not None and carried.other:
            yield carried.other
