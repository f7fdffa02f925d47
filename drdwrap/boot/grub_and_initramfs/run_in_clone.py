"""Run the boot commands in a chroot of the clone."""

from drdwrap.boot.grub_and_initramfs.command_types import BootCommands
from drdwrap.boot.root_files import RootFiles
from drdwrap.errors import ProgramError
from drdwrap.linux import process
from drdwrap.log import Log
from drdwrap.pair.chroot_mounts import hidden_programs, mount_kernel
from drdwrap.paths.escaping import for_screen

_ENVIRONMENT = {"LVM_SUPPRESS_FD_WARNINGS": "1", "DEBIAN_FRONTEND": "noninteractive"}


def run_in_clone(root: bytes, boot_commands: BootCommands, log: Log) -> None:
    """Run the commands in a chroot at `root`, one after another. ProgramError.

    os-prober cannot run meanwhile, whatever /etc/default/grub says: in the chroot the booted file
    systems do not look mounted, and it would probe them.
    """
    mount_kernel(root)
    with hidden_programs(RootFiles(root).programs(b"os-prober")):
        for command in boot_commands.commands:
            words = for_screen(b" ".join(command))
            log.item(f"Running {words}.")
            try:
                process.run("chroot", [root, *command], environment=_ENVIRONMENT)
            except ProgramError as error:
                raise ProgramError(f"in the clone, '{words}': {error.message}") from error
