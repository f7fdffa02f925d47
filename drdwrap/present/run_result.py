"""The result of a preview, a sync or a clone."""

import sys

from drdwrap import exit_status
from drdwrap.log import default_verbosity
from drdwrap.present.output import console, print_json, size_in_words
from drdwrap.present.view import View
from drdwrap.reports import REPORTS
from drdwrap.sync.result import RunResult

_ITEMIZED = 20
"""Lines of rsync's dry run that a preview shows; -v shows all."""


def show_result(view: View, result: RunResult, *, always: bool) -> None:
    """Show the result of a run.

    Unless `always`, a run without warnings prints nothing where there is no terminal (cron).
    """
    if result.error:
        print(f"drdwrap: {result.error}", file=sys.stderr)
    if view.as_json:
        print_json(result.as_json())
        return
    if not always and default_verbosity() + view.verbosity < 3:
        return
    for line in result.plan:
        print(line)
    if "in_step" in result.counts:
        _reports_table(result)
    elif not (result.plan or result.error):
        wanted = result.counts["files_to_be_copied"]
        print(f"{result.counts['copied']} of {wanted} files are on the clone.")
    if always:
        _preview_details(view, result)
    elif "in_step" in result.counts:
        print(f"Copied {result.counts['copied']}, removed {result.counts['deleted']}.")
    if result.advice:
        print(f"Advice: {result.advice}.")


def show_skipped(view: View) -> None:
    """A run that had nothing to do; a person has read the note on stderr."""
    if view.as_json:
        print_json({"skipped": True, "exit_status": exit_status.SKIPPED})


def _reports_table(result: RunResult) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("")  # on a narrow terminal the titles are folded and the figures stay whole
    table.add_column("files", justify="right", no_wrap=True)
    table.add_column("bytes", justify="right", no_wrap=True)
    table.add_column("report", no_wrap=True)
    table.add_row("on the initial list", f"{result.counts['initial']:,}", "", "")
    table.add_row("in step", f"{result.counts['in_step']:,}", "", "")
    for short, title in REPORTS.values():
        count, size = result.counts.get(short, 0), result.sizes.get(short, 0)
        table.add_row(title, f"{count:,}", f"{size:,}" if count else "", short if count else "")
    stdout = console()
    stdout.print(f"{result.booted_root} -> {result.clone_root}", markup=False)
    stdout.print(table)


def _preview_details(view: View, result: RunResult) -> None:
    if result.directories:
        print("\nMost to copy:")
        for name, size, number in result.directories:
            print(f"  {size_in_words(size):>10}  {number:>6} files  {name}")
    if result.itemized:
        most = len(result.itemized) if view.verbosity > 0 else _ITEMIZED
        print("\nrsync would do:")
        for line in result.itemized[:most]:
            print(f"  {line}")
        if len(result.itemized) > most:
            print(f"  ... and {len(result.itemized) - most} more (-v shows all)")
