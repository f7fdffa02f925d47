"""The progress bar of a copy, with rsync's own figures."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, TextIO, cast

from drdwrap.present.output import size_in_words
from drdwrap.present.view import View
from drdwrap.rsync.output import Progress


class _Screen:
    """A terminal to draw on, which may go away: then nothing is drawn, and nothing fails.

    When a terminal is closed, SIGHUP ends the run. After that the bar is removed from the screen,
    and the error of that would take the place of the signal. With nohup(1) the run goes on.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


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
    console = Console(file=cast("IO[str]", _Screen(sys.stderr)))
    with bars.Progress(*columns, console=console, transient=True) as bar:
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
