"""Does anything on the clone name the booted disks?"""

from drdwrap.boot.leftovers import leftovers
from drdwrap.checks import Check, answered
from drdwrap.clone_disk.counterparts import existing_counterparts, references_to_booted
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.source import Source
from drdwrap.config.model import Config
from drdwrap.linux import block_devices
from drdwrap.pair import volume_groups

_NAME = "nothing on the clone names the booted disks"
_SHOWN = 5


def no_booted_references(config: Config, root: bytes) -> Check:
    """The check that `clone` ends with, of the clone mounted at `root`. Only for `layout: lvm`."""
    return answered(_NAME, lambda: _looked_for(config, root))


def _looked_for(config: Config, root: bytes) -> Check:
    found = volume_groups.found_now(config)
    devices = block_devices.devices()
    source = Source.of_booted(found, devices)
    assert found.clone is not None
    disk = CloneDisk.apart(found.clone, source, devices)
    if disk is None:
        return Check(_NAME, True, "the clone has no disk of its own, so it shares what it names")
    counterparts = existing_counterparts(source, found.clone, disk, devices)
    references = references_to_booted(source, found.clone.name, counterparts, found.clone.uuid)
    left = leftovers(root, references)
    shown = "; ".join(map(str, left[:_SHOWN])) + ("; ..." if len(left) > _SHOWN else "")
    return Check(
        _NAME,
        not left,
        shown or "every file that the boot reads was searched",
        "correct these on the clone ('drdwrap runcmd --shell'), and if they come from a generated"
        " file, generate it again there (update-grub, update-initramfs -u)",
    )
