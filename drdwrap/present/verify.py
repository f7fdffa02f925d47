"""What `verify` found."""

from drdwrap.actions.verify import ContentsVerdict
from drdwrap.log import default_verbosity
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
