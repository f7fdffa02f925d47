"""What the demo tells while it runs."""

from collections.abc import Callable

from drdwrap import exit_status
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_demo(view: View, run: Callable[[Callable[[str], object]], bool]) -> int:
    """Run the demo, and show each line that it tells as it comes. Returns the exit status."""
    if not view.as_json:
        return exit_status.of_checks(run(print))
    told: list[str] = []
    status = exit_status.of_checks(run(told.append))
    print_json({"told": told, "exit_status": status})
    return status
