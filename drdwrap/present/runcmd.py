"""What `runcmd` found after the command."""

from drdwrap.actions.runcmd import RuncmdResult
from drdwrap.patching.upgrade import PackageChange
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_outcome(view: View, outcome: RuncmdResult) -> None:
    """The packages that an upgrade changed. The command has shown the rest itself, and checks that
    failed are warnings in the log."""
    if view.as_json:
        print_json(outcome.as_json())
    elif outcome.packages is not None:
        for change in outcome.packages:
            print(_in_words(change))
        print(f"{len(outcome.packages)} packages changed.")


def _in_words(change: PackageChange) -> str:
    if not change.before:
        return f"{change.name}: {change.after} (new)"
    if not change.after:
        return f"{change.name}: {change.before} (removed)"
    return f"{change.name}: {change.before} -> {change.after}"
