"""Messages: to stderr as far as the verbosity goes, to the log file in DRD's manner, to syslog.

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
from contextlib import suppress
from typing import TextIO

from drdwrap.paths.escaping import one_line

WARNING, MAIN, STEP = 1, 3, 3
"""The verbosity from which on a message is shown. DRD's scale is 0 to 5, and 3 the default."""

_ODD = "backslashreplace"
"""What becomes of text that the file's encoding has not: a message never ends a run."""

SYSLOG = "/dev/log"
"""The socket of syslog, and of the journal."""


class _Syslog:
    """A syslog that is never waited for: at shutdown it is gone, or full.

    (The one of `logging` connects anew when it is full, and waits then.)
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def tell(self, severity: int, text: str) -> None:
        """Send a message (syslog(3) has the severities); what cannot be sent is dropped."""
        head = f"<{syslog.LOG_DAEMON | severity}>drdwrap[{os.getpid()}]: "
        with suppress(OSError):
            self._socket.sendto((head + text).encode("utf-8", _ODD), SYSLOG)


class Log:
    """Where a run's messages go. Names of files in them are fit for a screen already."""

    def __init__(self, verbosity: int, stream: TextIO | None = None) -> None:
        """`verbosity` is 0 to 5; `stream` is stderr unless given."""
        self.verbosity = verbosity
        self._stream = stream or sys.stderr
        self._file: TextIO | None = None
        self._syslog: _Syslog | None = None
        self._what = ""

    def open_file(self, path: str) -> None:
        """Write to the log file at `path` as well; if that cannot be, say so and go on without.

        A file that is there keeps its mode, but that others may not read it: names of files can be
        secrets. A device (/dev/null) keeps all of it, and a FIFO that nobody reads is not waited
        for.
        """
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags | os.O_NONBLOCK, 0o600)
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISREG(mode) and mode & 0o007:
                os.fchmod(descriptor, stat.S_IMODE(mode) & ~0o007)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1, errors=_ODD)
        except OSError as error:
            self.warning(f"the log {path} cannot be written: {error.strerror}")
        if os.path.exists(SYSLOG):
            self._syslog = _Syslog()

    def begin(self, what: str) -> None:
        """The first line of a run of `what`, such as "Synchronize System Image"."""
        self._what = what
        self._line(f"BEGIN {what}")

    def end(self, outcome: str) -> None:
        """The last line; `outcome` is such as "succeeded"."""
        self._line(f"END {self._what} {outcome}.")
        self._to_syslog(syslog.LOG_INFO, f"{self._what} {outcome}")

    def item(self, text: str, level: int = STEP) -> None:
        """A line that says what is going on."""
        text = one_line(text)
        self._show(level, f"       * {text}")
        self._to_file(f"       * {text}")

    def note(self, text: str) -> None:
        """What is said even where a clean run says nothing, and is no warning."""
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
        """An error, for the file and syslog: on stderr the entry point says it, with its hint."""
        text = one_line(text)
        self._to_file(f"ERROR: {text}")
        self._to_syslog(syslog.LOG_ERR, text)

    def trace(self, error: BaseException) -> None:
        """An error that should not have been: where it came from, for the file."""
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
            except (OSError, ValueError):  # whoever read it is gone, and the run goes on
                self.verbosity = -1

    def _to_file(self, text: str) -> None:
        if self._file is not None:
            try:
                self._file.write(text + "\n")
            except OSError:  # a full disk must not end a run that can do without the log
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
