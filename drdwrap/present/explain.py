"""What `explain` found out about a path."""

from typing import Any

from drdwrap.present.output import print_json
from drdwrap.present.view import View

_TITLES = {
    "path": "path",
    "booted": "booted",
    "clone": "clone",
    "record": "record",
    "outcome": "outcome",
    "reason": "because",
    "would_change": "to change it",
}


def show_explanation(view: View, result: dict[str, Any]) -> None:
    """Both sides of the path, the record's, what becomes of it and why."""
    if view.as_json:
        print_json(result)
        return
    for key, title in _TITLES.items():
        if result[key]:
            print(f"{title + ':':14}{result[key]}")
