"""`drdwrap clone`."""

import re

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings

_UNITS = {unit: 1024**power for power, unit in enumerate("BKMGT")}


def _sizes(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> dict[str, int]:
    """Sizes in bytes by name, of `NAME=SIZE`: units of 1024 as lvcreate takes them, MiB if none is
    given."""
    sizes = {}
    for value in values:
        found = re.fullmatch(r"([A-Za-z0-9+_.-]+)=(\d+(?:\.\d+)?)([bBkKmMgGtT]?)", value)
        size = int(float(found[2]) * _UNITS[(found[3] or "M").upper()]) if found else 0
        if found is None or size <= 0:
            raise click.BadParameter(f"{value!r}: write it as NAME=SIZE, such as var=2G")
        sizes[found[1]] = size
    return sizes


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Show what would be done, and do nothing.")
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
    help="Make the logical volume NAME of this size, not of the booted one's; repeatable.",
)
@click.option("--key-file", metavar="FILE", help="Encrypt the clone with the key in this file.")
@click.option(
    "--unencrypted",
    is_flag=True,
    help="Allow a clone that is not encrypted, although the booted system, or a directory of it"
    " (fscrypt), is.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace everything on the disk or on the clone (except /tmp and other transient places).",
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
    """Make the clone on a disk, and fill it with everything of the booted system.

    Without --disk the clone that is there is filled again.
    """
    from drdwrap.actions import clone as action
    from drdwrap.actions.around_run import CLONE, CLONE_PREVIEW, run
    from drdwrap.present.progress import progress_bar
    from drdwrap.present.run_result import show_result

    with progress_bar(settings.view, "clone") as tell:
        request = action.CloneRequest(disk, sizes, key_file, unencrypted, overwrite, preview, tell)
        result = run(
            settings.load(),
            settings.log(),
            CLONE_PREVIEW if preview else CLONE,
            lambda config, state, log: action.clone(config, state, log, request),
        )
    assert result is not None
    settings.ended_with = result.exit_status
    show_result(settings.view, result, always=preview)
    return result.exit_status
