"""Run a command under the stopwatch: wall seconds and peak memory."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
STOPWATCH = Path(__file__).with_name("stopwatch.py")
ENDING_SECONDS = 10
DROP_CACHES = Path("/proc/sys/vm/drop_caches")


class MeasureError(Exception):
    """The stopwatch itself failed: nothing is known of the command."""


@dataclass(frozen=True)
class Measured:
    """One run of one command."""

    exit_status: int
    seconds: float
    durable_seconds: float
    """Until the `sync -f` after it came back; the same as seconds where none was asked."""
    cpu_seconds: float
    peak_kib: int
    """Maximum resident size of the largest process among the command and its children.

    Never less than that of the stopwatch, 10 MB.
    """
    own_peak_kib: int
    """The same of the command's first process alone."""
    errors: str
    """The last of its standard error."""


def measure(argv: list[str], scratch: Path, sync_path: Path | None = None) -> Measured:
    """Run argv from the checkout, output to files in scratch (on a tmpfs, to cost little)."""
    result, output, errors = (scratch / name for name in ("result", "output", "errors"))
    result.unlink(missing_ok=True)
    files = [str(path) for path in (result, output, errors, sync_path or "")]
    stopwatch = [sys.executable, "-I", "-S", str(STOPWATCH), *files]
    with subprocess.Popen([*stopwatch, *argv], cwd=CHECKOUT, process_group=0) as process:
        try:
            process.wait()
        except BaseException:
            _end_group(process)
            raise
    try:
        figures = json.loads(result.read_bytes())
    except (OSError, ValueError) as missing:
        raise MeasureError(f"could not run {argv[0]}") from missing
    last_words = errors.read_text(errors="backslashreplace")[-2000:].strip()
    return Measured(**figures, errors=last_words)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the stopwatch and all below it, which would keep the file systems busy."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        for _ in range(ENDING_SECONDS * 10):
            os.killpg(process.pid, 0)
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)


def settle() -> None:
    """Write out what the previous run left dirty, so that the next one does not pay for it."""
    os.sync()


def drop_caches() -> None:
    """Forget pages, dentries and inodes. Raises OSError where the kernel does not let us."""
    os.sync()
    DROP_CACHES.write_text("3\n")
