"""The places that are never synchronized, each with its reason. DRD's list, carried to Linux."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from drdwrap.config.model import Config
from drdwrap.linux.device_mapper import MAPPER, mapped_prefix
from drdwrap.linux.real_path import real_path
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import Pattern, PatternList, literal

_PACKAGES = "the package database and its logs describe the side they are on"
_TRANSIENT = "transient: of no use after a boot"
_BOOT = "kernel and boot files: each side boots by its own"
_LVM = "names the disks and volume groups of the side it is on"
_FSTAB = "names the file systems of the side it is on"
_TRIAL = "written by 'drdwrap activate': each image has its own"
_CACHES = "a cache, derived from the package files of the side it is on"

BUILT_IN: tuple[tuple[str, str], ...] = (
    ("/var/lib/dpkg/*", _PACKAGES),
    ("/var/lib/rpm/*", _PACKAGES),
    ("/usr/lib/sysimage/rpm/*", _PACKAGES),
    ("/var/lib/pacman/*", _PACKAGES),
    ("/var/lib/apt/*", _PACKAGES),
    ("/var/cache/apt/*", _PACKAGES),
    ("/var/lib/dnf/*", _PACKAGES),
    ("/var/cache/dnf/*", _PACKAGES),
    ("/usr/lib/sysimage/libdnf5/*", _PACKAGES),
    ("/var/cache/libdnf5/*", _PACKAGES),
    ("/var/lib/zypp/*", _PACKAGES),
    ("/var/cache/zypp/*", _PACKAGES),
    ("/var/log/zypp*", _PACKAGES),
    ("/var/log/dpkg.log*", _PACKAGES),
    ("/var/log/apt/*", _PACKAGES),
    ("/var/log/dnf*", _PACKAGES),
    ("/tmp/*", _TRANSIENT),
    ("/var/tmp/*", _TRANSIENT),
    ("/run/*", _TRANSIENT),
    ("/boot/*", _BOOT),
    ("/var/lib/initramfs-tools/*", _BOOT),
    ("/etc/initramfs-tools/conf.d/resume", _BOOT),
    ("/etc/kernel/cmdline", _BOOT),
    ("/etc/lvm/archive/*", _LVM),
    ("/etc/lvm/backup/*", _LVM),
    ("/etc/lvm/cache/*", _LVM),
    ("/etc/lvm/devices/*", _LVM),
    ("/etc/lvm/lvm.conf", _LVM),
    ("/etc/lvm/lvmlocal.conf", _LVM),
    ("/etc/multipath/*", _LVM),
    ("/etc/mdadm/*", _LVM),
    ("/etc/fstab*", _FSTAB),
    ("/etc/crypttab*", _FSTAB),
    ("/etc/mtab", _FSTAB),
    ("/etc/drdwrap/trial", _TRIAL),
    ("/etc/systemd/system/drdwrap-trial*", _TRIAL),
    ("/etc/systemd/system/*.target.wants/drdwrap-trial*", _TRIAL),
    ("/etc/init.d/drdwrap-trial*", _TRIAL),
    ("/etc/rc?.d/*drdwrap-trial*", _TRIAL),
    ("/etc/ld.so.cache", _CACHES),
    ("/var/cache/ldconfig/*", _CACHES),
    ("/var/cache/man/*", _CACHES),
)


@dataclass(frozen=True)
class Locations:
    """The places in force: the built-in ones without those removed, and what the system adds.

    `not_found`: what the configuration removes from the list, and is not on it.
    """

    reasons: dict[bytes, str]
    transient: tuple[Pattern, ...]
    patterns: PatternList
    not_found: tuple[bytes, ...] = ()

    def cover(self, path: bytes) -> bool:
        """Whether `path` (relative) is in a place that is not synchronized."""
        return self.patterns.cover(path)

    def cover_transient(self, path: bytes) -> bool:
        """Whether `path` is in a place that not even the first fill copies."""
        return self._transient.cover(path)

    @cached_property
    def _transient(self) -> PatternList:
        return PatternList(self.transient)

    def reason(self, path: bytes) -> str:
        """The place that covers `path` and why it is one."""
        pattern = self.patterns.covering(path)
        if pattern is None:
            return ""
        return f"in {for_screen(pattern.text)}: {self.reasons[pattern.text]}"


def in_force(
    config: Config, booted_root: bytes, swap_files: Iterable[bytes], made_here: Iterable[bytes]
) -> Locations:
    """The locations for this configuration.

    `swap_files` and `made_here` (what `clone` made or mended on the clone) are relative paths.
    """
    places = {text.encode(): why for text, why in BUILT_IN}
    group = config.clone.volume_group.encode()
    mapped = literal(MAPPER + mapped_prefix(group)).text + b"*"
    places[literal(b"dev/" + group).text + b"/*"] = "devices of the clone's volume group"
    places[mapped] = "devices of the clone's volume group"
    state = _own(config.state_dir, booted_root, b"/*")
    logs = _own(config.log_file, booted_root, b"", b".*", b"-*")  # and the rotated ones
    places.update(dict.fromkeys(state, "drdwrap's own state"))
    places.update(dict.fromkeys(logs, "drdwrap's own log"))
    transient = [b"/tmp/*", b"/var/tmp/*", b"/run/*", *state, *logs]
    for swap in swap_files:
        places[literal(swap).text] = "a swap file: the clone has its own"
        transient.append(literal(swap).text)
    made_places = {literal(made).text for made in made_here}
    known = {*places, *made_places}
    unknown = [place for place in config.non_synced_locations.remove if place not in known]
    removed = set(config.non_synced_locations.remove)
    if not removed.isdisjoint(logs[:1]):
        removed.update(logs)
    for text in removed:
        places.pop(text, None)
    for added in config.non_synced_locations.add:
        places[added] = "named in non_synced_locations.add"
    for made in made_places:
        places.setdefault(made, "made for the clone by 'drdwrap clone'")
    return Locations(
        places,
        tuple(Pattern(text) for text in transient if text in places),
        PatternList.of(places),
        tuple(unknown),
    )


def _own(path: bytes, booted_root: bytes, *suffixes: bytes) -> list[bytes]:
    """Patterns for a path of drdwrap's own, if it lies below the booted root."""
    real, base = real_path(path), booted_root.rstrip(b"/") + b"/"
    if not real.startswith(base) or real == base:
        return []
    return [literal(real.removeprefix(base)).text + suffix for suffix in suffixes]
