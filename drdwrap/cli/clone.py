"""`drdwrap clone`."""

import re

import click

from drdwrap.cli.options import Settings, configurable

_UNITS = {unit: 1024**power for power, unit in enumerate("BKMGT")}


def _sizes(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> dict[str, int]:
    """`NAME=SIZE`, as lvcreate takes sizes: units of 1024, MiB where none is given."""
    sizes = {}
    for value in values:
        found = re.fullmatch(r"([A-Za-z0-9+_.-]+)=(\d+(?:\.\d+)?)([bBkKmMgGtT]?)", value)
        size = int(float(found[2]) * _UNITS[(found[3] or "M").upper()]) if found else 0
        if found is None or size <= 0:
            raise click.BadParameter(f"{value!r}: write it as NAME=SIZE, such as var=2G")
        sizes[found[1]] = size
    return sizes


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--disk",
    metavar="DEVICE",
    help="Make the clone on this disk (as in /dev/disk/by-id), with a volume group of its own.",
)
@click.option(
    "--size",
    "sizes",
    metavar="NAME=SIZE",
    multiple=True,
    callback=_sizes,
    help="Another size for a logical volume than the booted one's; repeatable.",
)
@click.option("--key-file", metavar="FILE", help="Encrypt the clone; this file's key opens it.")
@click.option(
    "--unencrypted", is_flag=True, help="The source is encrypted, and the clone is not to be."
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace all that is on the disk, or on the clone but for /tmp and what is as transient.",
)
@configurable
@click.pass_obj
def clone(
    settings: Settings,
    preview: bool,
    disk: str | None,
    sizes: dict[str, int],
    key_file: str | None,
    unencrypted: bool,
    overwrite: bool,
) -> int:
    """Make the clone on a disk, or fill the one there is, with all of the booted system.

    Without --disk the clone that is there is filled anew.
    """
    from drdwrap.actions import clone as action
    from drdwrap.actions.run import run
    from drdwrap.present import show

    with show.progress(settings, "clone") as tell:
        request = action.Request(disk, sizes, key_file, unencrypted, overwrite, preview, tell)
        outcome = run(
            settings,
            "clone-preview" if preview else "clone",
            "Clone System Image" + (" Preview" if preview else ""),
            lambda config, state, log: action.clone(config, state, log, request),
            hooks=not preview,
        )
    assert outcome is not None
    show.outcome(settings, outcome, always=preview)
    return outcome.exit_status
