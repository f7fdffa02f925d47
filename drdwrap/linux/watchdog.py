"""Whether a hardware watchdog can reset a machine that hangs."""

import os

_DEVICE = "/dev/watchdog0"


def is_there() -> bool:
    """Whether the machine has a watchdog that the kernel knows."""
    return os.path.exists(_DEVICE)


def what_is_covered(*, armed_by_trial: bool, deadline: str) -> str:
    """What ends a trial that hangs, and what does not, in words."""
    if armed_by_trial:
        return (
            f"a hang of user space ends at the deadline ({deadline}), and the hardware watchdog"
            f" ({_DEVICE}), which systemd arms in a trial, ends a hang of the kernel after that;"
            " a hang before systemd runs (boot loader, early kernel, initramfs) needs a hand"
        )
    why = "systemd does not run there to arm it" if is_there() else f"there is no {_DEVICE}"
    return (
        f"a hang of user space ends at the deadline ({deadline}); a hang of the kernel or in the"
        f" initramfs is not covered, because no hardware watchdog will be armed ({why}): somebody"
        " has to reset the machine then"
    )
