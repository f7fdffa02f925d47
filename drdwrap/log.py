"""Messages: to stderr up to the verbosity, to the log file in DRD's format, and to syslog.

=======  11/23/26 17:20:05 UTC  BEGIN Synchronize System Image (user=root) (jobid=host)
       * Reading the booted system and the clone.
=======  11/23/26 17:20:09 UTC  END Synchronize System Image succeeded. (user=root) (jobid=host)
"""

import getpass
import os
import socket
import stat
import sys
import syslog
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from drdwrap.paths.escaping import for_screen, one_line

WARNING, MAIN, STEP = 1, 3, 3
"""The lowest verbosity that shows a message. DRD's scale is 0 to 5, with 3 as the default."""

_ODD = "backslashreplace"
"""For text that the encoding does not have: a message never ends a run."""

SYSLOG = "/dev/log"
"""The socket of syslog or of the journal."""


class _Syslog:
    """A connection to syslog that never blocks: at shutdown syslog is gone, or its socket is full.

    (The handler of `logging` reconnects to a full socket, and that blocks.)
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def tell(self, severity: int, text: str) -> None:
        """Send a message, with a severity of syslog(3). What cannot be sent is dropped."""
        head = f"<{syslog.LOG_DAEMON | severity}>drdwrap[{os.getpid()}]: "
        with suppress(OSError):
            self._socket.sendto((head + text).encode("utf-8", _ODD), SYSLOG)


class Log:
    """Where a run's messages go. File names in them must be in the screen form already."""

    def __init__(self, verbosity: int, stream: TextIO | None = None) -> None:
        """`verbosity` is 0 to 5. `stream` takes the place of stderr."""
        self.verbosity = verbosity
        self._stream = stream or sys.stderr
        self._file: TextIO | None = None
        self._syslog: _Syslog | None = None
        self._what = ""

    def open_file(self, path: bytes, make_directory: Callable[[bytes], object]) -> None:
        """Write to the log file at `path` as well. If that fails, warn and go on without it.

        `make_directory` makes the directory for it, unless it is there. An existing file keeps its
        mode, except that others lose their rights: file names can be secrets. The mode of a device
        (/dev/null) does not change. A FIFO without a reader does not block.
        """
        try:
            make_directory(os.path.dirname(path))
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags | os.O_NONBLOCK, 0o600)
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISREG(mode) and mode & 0o007:
                os.fchmod(descriptor, stat.S_IMODE(mode) & ~0o007)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1, errors=_ODD)
        except OSError as error:
            self.warning(f"the log {for_screen(path)} cannot be written: {error.strerror}")
        if os.path.exists(SYSLOG):
            self._syslog = _Syslog()

    def begin(self, what: str) -> None:
        """The first line of a run of `what`, such as "Synchronize System Image"."""
        self._what = what
        self._line(f"BEGIN {what}")

    def end(self, result: str) -> None:
        """The last line. `result` is such as "succeeded"."""
        self._line(f"END {self._what} {result}.")
        self._to_syslog(syslog.LOG_INFO, f"{self._what} {result}")

    def item(self, text: str, level: int = STEP) -> None:
        """What the run is doing."""
        text = one_line(text)
        self._show(level, f"       * {text}")
        self._to_file(f"       * {text}")

    def note(self, text: str) -> None:
        """A message that is shown even if a clean run shows nothing, and is not a warning."""
        text = one_line(text)
        self._show(WARNING, f"drdwrap: {text}")
        self._to_file(f"       * {text}")
        self._to_syslog(syslog.LOG_INFO, text)

    def warning(self, text: str) -> None:
        text = one_line(text)
        self._show(WARNING, f"drdwrap: warning: {text}")
        self._to_file(f"WARNING: {text}")
        self._to_syslog(syslog.LOG_WARNING, text)

    def file_error(self, text: str) -> None:
        """An error, for the file and syslog. The entry point shows it on stderr, with its hint."""
        text = one_line(text)
        self._to_file(f"ERROR: {text}")
        self._to_syslog(syslog.LOG_ERR, text)

    def trace(self, error: BaseException) -> None:
        """The traceback of an unexpected error, for the file."""
        self._to_file("".join(traceback.format_exception(error)).rstrip())

    def _line(self, text: str) -> None:
        now = time.strftime("%m/%d/%y %H:%M:%S %Z")
        user, job = _user(), os.uname().nodename
        line = f"=======  {now}  {text} (user={user}) (jobid={job})"
        self._show(MAIN, line)
        self._to_file(line)

    def _show(self, level: int, text: str) -> None:
        if self.verbosity >= level:
            try:
                print(text, file=self._stream, flush=True)
            except (OSError, ValueError):  # its reader is gone; the run goes on
                self.verbosity = -1

    def _to_file(self, text: str) -> None:
        if self._file is not None:
            try:
                self._file.write(text + "\n")
            except OSError:  # a full disk must not end the run, which does not need the log
                self._file = None

    def _to_syslog(self, severity: int, text: str) -> None:
        if self._syslog is not None:
            self._syslog.tell(severity, text)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return str(os.getuid())


def default_verbosity() -> int:
    """3 at a terminal. Without one (cron, a shutdown script) a clean run says nothing: 2."""
    return 3 if any(os.isatty(descriptor) for descriptor in (0, 1, 2)) else 2
