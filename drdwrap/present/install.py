"""What `install` and `uninstall` did."""

from drdwrap.install.apply import Done
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_installed(view: View, done: Done) -> None:
    """A line for each file, and the notes."""
    if view.as_json:
        print_json(done.__dict__)
        return
    for what in ("written", "removed", "kept"):
        for path in getattr(done, what):
            print(f"{what + ':':9} {path}" + (" (it was edited)" if what == "kept" else ""))
    if not done.written and not done.removed:
        print("There is nothing to do.")
    for note in done.notes:
        print(note)
