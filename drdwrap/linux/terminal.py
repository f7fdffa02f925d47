"""Lend the controlling terminal to another process group, as shells do for their jobs."""

import os
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Terminal:
    """The controlling terminal. `descriptor` is open on it, or None where there is none."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def is_ours(self) -> bool:
        """Whether this process's group is the one in the foreground."""
        if self._descriptor is None:
            return False
        with suppress(OSError):
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        return False

    def give(self, group: int) -> None:
        """Let this process group read it, and get what Ctrl-C sends. Without effect if that group
        has ended, or the terminal is gone."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.tcsetpgrp(self._descriptor, group)


@contextmanager
def lent() -> Iterator[Terminal]:
    """The terminal, to be lent for the length of the context. Then it is taken back, with the
    settings that it had."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield Terminal(None)
        return
    terminal = Terminal(descriptor)
    # A process of the background may change neither.
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    was_ours, settings = terminal.is_ours(), None
    try:
        with suppress(termios.error):
            settings = termios.tcgetattr(descriptor)
        yield terminal
    finally:
        if was_ours:
            terminal.give(os.getpgrp())
            if settings is not None:
                with suppress(termios.error):
                    termios.tcsetattr(descriptor, termios.TCSADRAIN, settings)
        signal.signal(signal.SIGTTOU, before)
        os.close(descriptor)
