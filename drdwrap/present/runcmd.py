"""What `runcmd` found after the command."""

from typing import Any

from drdwrap.checks import Check
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_outcome(view: View, outcome: dict[str, Any], checks: list[Check]) -> None:
    """The checks that failed, with a remedy for each. The command has shown the rest itself."""
    if view.as_json:
        print_json(outcome)
        return
    for check in checks:
        if not check.ok:
            print(f"FAILED  {check.name}: {check.found}")
            if check.remedy:
                print(f"        remedy: {check.remedy}")
