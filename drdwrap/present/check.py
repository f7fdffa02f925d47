"""What `check` found."""

from collections.abc import Sequence

from drdwrap.checks import Check
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_checks(view: View, found: Sequence[Check]) -> None:
    """Every check, whether it holds, and a remedy where it failed."""
    if view.as_json:
        print_json({"checks": [check.__dict__ for check in found], "ok": all(c.ok for c in found)})
        return
    for check in found:
        print(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {check.found}")
        if not check.ok and check.remedy:
            print(f"        remedy: {check.remedy}")
