"""What `verify` found."""

from drdwrap.actions.verify import ContentsVerdict
from drdwrap.actions.verify_boot import BootVerdict
from drdwrap.log import default_verbosity
from drdwrap.paths.escaping import for_screen, one_line
from drdwrap.present.output import print_json, size_in_words
from drdwrap.present.view import View


def show_contents(view: View, verdict: ContentsVerdict) -> None:
    """How much was compared; what differs are warnings in the log. Where there is no terminal
    (cron), a run without a difference prints nothing."""
    if view.as_json:
        print_json(verdict.as_json())
        return
    number = len(verdict.differing) + len(verdict.of_packages)
    if number or default_verbosity() + view.verbosity >= 3:
        size = size_in_words(verdict.size)
        print(f"{verdict.files:,} files ({size}) were compared; {number or 'none'} differ.")
    if number:
        print("'drdwrap report contents_that_differ' lists them.")


def show_boot(view: View, verdict: BootVerdict) -> None:
    """How the boot went, and where to read more."""
    if view.as_json:
        print_json(verdict.as_json())
        return
    boot = verdict.boot
    words = {"up": "The clone boots", "broken": "The clone does not boot"}
    said = words.get(boot.verdict, "Whether the clone boots cannot be told")
    print(one_line(f"{said}: {boot.found}."))
    for name in boot.failed:
        why = " (it needs a network)" if name in boot.for_want_of_network else ""
        print(one_line(f"  did not start: {name}{why}"))
    print(f"Its console: {for_screen(verdict.console)}")
