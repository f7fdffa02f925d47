"""What `reverse` did, or what a sync would do after it."""

from drdwrap.actions.reverse import MOST_NAMED, Reversed
from drdwrap.present.output import print_json
from drdwrap.present.run_result import show_result
from drdwrap.present.view import View


def show_reversed(view: View, result: Reversed) -> None:
    """Show how it ended. What is held back was said as warnings, except in a preview."""
    if view.as_json:
        print_json(result.as_json())
        return
    if result.preview is None:
        print("The other image is kept in step with this one from now on: run 'drdwrap sync'.")
        return
    print("After 'drdwrap reverse', a sync to the other image would do this:")
    show_result(view, result.preview, always=True)
    here, there = result.only_here, result.only_there
    print(f"Paths that only this image has: {here:,}; that only the other one has: {there:,}.")
    for path in result.held[:MOST_NAMED]:
        print(f"held back: {path} (the sync to this image was cut off, and it may be torn)")
    if len(result.held) > MOST_NAMED:
        print(f"... and {len(result.held) - MOST_NAMED} more")
