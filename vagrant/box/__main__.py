"""`python -m vagrant.box [NAME...]`: make boxes, or find them made, and print where they are."""

from __future__ import annotations

import os
import sys

import click

from drdwrap.linux import mount_namespace
from vagrant.box import package
from vagrant.box.recipe import RECIPES
from vagrant.box.run import BuildError

_BY_NAME = {recipe.name: recipe for recipe in RECIPES}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(_BY_NAME)))
def main(names: tuple[str, ...]) -> None:
    """Make the named boxes, or all of them. What is slow is kept and found again."""
    if os.geteuid() != 0:
        raise click.ClickException("only root can make the file systems of a box")
    mount_namespace.unshare_mounts()
    for name in names or tuple(_BY_NAME):
        try:
            box = package.made(_BY_NAME[name], lambda line: print(line, file=sys.stderr))
        except (BuildError, OSError) as error:
            raise click.ClickException(f"{name}: {error}") from error
        click.echo(box.directory)


main()
