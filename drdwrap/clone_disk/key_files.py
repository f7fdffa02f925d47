"""Whether a key file opens the clone's container when it is made, and when it boots."""

import os
from contextlib import suppress

from drdwrap.boot.families.root import Root
from drdwrap.checks import Check
from drdwrap.clone_disk.source import Source
from drdwrap.linux import fstab
from drdwrap.linux.block_devices import Devices


def checks(source: Source, tree: Devices, root: bytes, key_file: str) -> list[Check]:
    """All that has to hold of it. `root` is the booted system's."""
    key = b""
    if os.path.isfile(key_file):  # what is read from a pipe would be gone
        with suppress(OSError), open(key_file, "rb") as file:
            key = file.read()
    return [
        Check("the key file can be read", key != b"", key_file, "name one with a key in it"),
        Check(
            "what opens the clone's container can be typed",
            not key.endswith(b"\n") or _is_opened_by_file(source, tree, root),
            f"{key_file} ends in a newline, and the passphrase is asked for at boot",
            f"write it without one: printf %s 'PASSPHRASE' > {key_file}",
        ),
    ]


def _is_opened_by_file(source: Source, tree: Devices, root: bytes) -> bool:
    """Whether crypttab(5) names a key file for the container that the booted group lies in."""
    numbers = {volume.number for volume in source.volumes}
    below = [device for one in numbers for device in tree.below(one) if device.kind == "crypt"]
    names = {os.fsencode(os.path.basename(device.path)) for device in below}
    entries = fstab.encrypted(Root(root).text(b"etc/crypttab"))
    return any(one.name in names and one.key_file not in (b"none", b"-") for one in entries)
