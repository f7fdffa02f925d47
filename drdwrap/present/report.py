"""The list of reports, and the paths in one of them."""

import sys
from collections.abc import Sequence

from drdwrap.paths.escaping import for_screen
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_reports(view: View, found: dict[str, int]) -> None:
    """List the reports, with the number of paths in each."""
    if view.as_json:
        print_json(found)
        return
    for name, count in found.items():
        print(f"{count:>10,}  {name}")
    if not found:
        print("There are no reports yet: 'drdwrap preview' writes them.", file=sys.stderr)


def show_report(view: View, name: str, paths: Sequence[bytes], *, raw: bool) -> None:
    """Print the paths of report `name`: escaped, a line each, or raw and ended by NULs."""
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(b"".join(path + b"\0" for path in paths))
        sys.stdout.buffer.flush()
    elif view.as_json:
        print_json({"report": name, "paths": [for_screen(path) for path in paths]})
    else:
        for path in paths:
            print(for_screen(path))
