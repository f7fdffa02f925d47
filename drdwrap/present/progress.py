"""The progress bar of a copy, with rsync's own figures."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from drdwrap.present.output import size_in_words
from drdwrap.present.view import View
from drdwrap.rsync.output import Progress


@contextmanager
def progress_bar(view: View, title: str) -> Iterator[Callable[[Progress], None] | None]:
    """Draw a progress bar on stderr, if that is a terminal.

    Yields a function that takes rsync's figures, or None where no bar is drawn.
    """
    if view.as_json or view.verbosity < 0 or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TextColumn("{task.completed:.0f}/{task.total:.0f} files, {task.fields[size]}"),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1, visible=False, size="")

        def tell(now: Progress) -> None:
            bar.update(
                task,
                completed=now.files,
                total=max(now.files_known, 1),
                size=size_in_words(now.bytes),
                visible=True,
            )

        yield tell
