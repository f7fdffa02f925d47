"""Whether the key file can open the clone's container, now and at boot."""

import os
from contextlib import suppress

from drdwrap.boot.root_files import RootFiles
from drdwrap.checks import Check
from drdwrap.clone_disk.source import Source
from drdwrap.linux import fstab
from drdwrap.linux.block_devices import Devices

_LARGEST = 8 << 20
"""Bytes of a key file that cryptsetup(8) reads."""


def key_file_checks(source: Source, devices: Devices, root: bytes, key_file: str) -> list[Check]:
    """All checks. `root` is the booted system's."""
    key = b""
    if os.path.isfile(key_file):  # a pipe can be read only once
        with suppress(OSError), open(key_file, "rb") as file:
            key = file.read(_LARGEST)
    return [
        Check("the key file can be read", key != b"", key_file, "name a file with the key"),
        Check(
            "the clone's passphrase can be typed",
            not key.endswith(b"\n") or _is_opened_by_file(source, devices, root),
            f"{key_file} ends with a newline, and the passphrase is typed at boot",
            f"write it without the newline: printf %s 'PASSPHRASE' > {key_file}",
        ),
    ]


def _is_opened_by_file(source: Source, devices: Devices, root: bytes) -> bool:
    """Whether crypttab(5) names a key file for the container around the booted group."""
    numbers = {lv.number for lv in source.lvs}
    below = [device for one in numbers for device in devices.below(one) if device.kind == "crypt"]
    names = {os.fsencode(os.path.basename(device.path)) for device in below}
    entries = fstab.encrypted(RootFiles(root).text(b"etc/crypttab"))
    return any(one.name in names and one.key_file not in (b"none", b"-") for one in entries)
