"""Whether the clone is encrypted like its source, unless the user allows otherwise."""

from drdwrap.checks import Check
from drdwrap.clone_disk.source import Source


def encryption_checks(source: Source, *, encrypted: bool, unencrypted: bool) -> list[Check]:
    """`encrypted`: the clone is or will be; `unencrypted`: the user allows an unencrypted clone."""
    above = [system.lv.name for system in source.root.file_systems if system.encrypted]
    return [
        Check(
            "no logical volume contains LUKS",
            not above,
            ", ".join(above),
            "drdwrap can clone a volume group inside LUKS, but not LUKS inside its LVs; make"
            " such a clone by hand, and set 'layout: directories'",
        ),
        Check(
            "only an encrypted source gets an encrypted clone",
            bool(source.encrypted) or not encrypted,
            "the booted volume group is not encrypted",
            "leave --key-file out: nothing on the clone would open its container at boot",
        ),
        Check(
            "an encrypted source gets an encrypted clone",
            not source.encrypted or encrypted or unencrypted,
            source.encrypted,
            "use --key-file FILE for an encrypted clone, or --unencrypted to allow one without"
            " encryption",
        ),
    ]
