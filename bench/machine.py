"""Facts about the machine that figures mean nothing without."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

from bench.measure import CHECKOUT


def facts(work_dir: Path) -> dict[str, object]:
    """Cores, memory, kernel, versions, date and where the images lie."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "rsync": _first_line("rsync", "--version"),
        "find": _first_line("find", "--version"),
        "cp": _first_line("cp", "--version"),
        "mkfs": _first_line("mkfs.ext4", "-V"),
        "drdwrap": _first_line(sys.executable, "-m", "drdwrap", "--version"),
        "commit": _first_line("git", "describe", "--always", "--dirty"),
        "images_on": _first_line("stat", "--file-system", "--format=%T", str(work_dir)),
        "load_before": os.getloadavg()[0],
    }


def _first_line(*argv: str) -> str:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=CHECKOUT,
            text=True,
        )
    except OSError as missing:
        return f"none ({missing.strerror})"
    if done.returncode != 0:
        return f"none (exit status {done.returncode})"
    return done.stdout.partition("\n")[0].strip()


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
