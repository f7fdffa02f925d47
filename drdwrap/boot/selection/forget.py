"""Remove from an image what `activate` wrote for its GRUB: a copy of it on another disk, or what
names an image that is replaced, must choose nothing."""

import os

from drdwrap.boot.grub_directories import DIRECTORIES
from drdwrap.boot.selection.custom_cfg import part_of, without_part
from drdwrap.linux import durable, safe_file
from drdwrap.paths.arithmetic import absolute

_ESPS = (b"boot/efi", b"efi", b"boot")


def forget(root: bytes) -> None:
    """Do that for the image at `root`, with /boot and the ESP mounted. OSError."""
    for directory in DIRECTORIES:
        path = absolute(root, directory + b"/custom.cfg")
        try:
            text = safe_file.contents(path).decode("utf-8", "surrogateescape")
        except OSError:
            continue
        if part_of(text) is None:
            continue
        if rest := without_part(text):
            durable.write(path, [rest.encode("utf-8", "surrogateescape")], 0o644)
        else:
            durable.remove(path)
    for state in (
        *(directory + b"/drdwrap.env" for directory in DIRECTORIES),
        *(directory + b"/EFI/drdwrap.env" for directory in _ESPS),
    ):
        path = absolute(root, state)
        if os.path.isfile(path):
            durable.remove(path)
