"""Every check of a clone that a command has changed."""

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.patching.checks.booted_references import no_booted_references
from drdwrap.patching.checks.kernel_and_menu import kernel_checks
from drdwrap.patching.checks.package_database import package_checks
from drdwrap.patching.checks.room_on_boot import room_on_boot
from drdwrap.patching.clone import MountedClone
from drdwrap.record.state_directory import StateDirectory


def all_checks(config: Config, state: StateDirectory, clone: MountedClone) -> list[Check]:
    """Whether the clone, as it is now, would boot by itself. In `layout: directories` it may be
    none that boots: what it does not have is not asked about."""
    bootable = config.layout == "lvm"
    checks = [no_booted_references(config, clone.root)] if bootable else []
    checks += kernel_checks(clone.root, bootable=bootable)
    checks += package_checks(clone.root, state)
    checks += room_on_boot(clone.root)
    return checks
