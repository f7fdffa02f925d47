"""What `accept` did."""

import sys

from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_accepted(view: View, result: dict[str, list[str]], status: int) -> None:
    """A line for each path; `status` is the exit status."""
    if view.as_json:
        print_json({**result, "exit_status": status})
        return
    for path in result["accepted"]:
        print(f"accepted: {path}")
    for path in result["nothing_to_accept"]:
        print(f"nothing to accept: {path} (it was not changed on the clone)", file=sys.stderr)
