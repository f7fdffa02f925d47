"""Which rsync a run finds on its PATH, and what else happens when it starts."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from .pair import Pair

OLD = "3.2.7"
"""The version of Debian 12's release."""


class NoRsync(Exception):
    """The version asked for cannot be had; the text says why."""


@cache
def old_rsync() -> Path:
    """The directory that holds Debian 12's release of rsync, fetched once for all sessions."""
    cached = Path.home() / ".cache" / "drdwrap" / f"rsync-{OLD}"
    binaries = cached / "usr" / "bin"
    if not (binaries / "rsync").exists():
        _fetch(cached)
    told = subprocess.run([binaries / "rsync", "--version"], capture_output=True, check=False)
    if f"version {OLD}".encode() not in told.stdout:
        raise NoRsync(f"{binaries}/rsync does not run: {told.stderr.decode(errors='replace')}")
    return binaries


def _fetch(cached: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise NoRsync("apt-get and dpkg are needed to fetch it")
    listed = subprocess.run(
        ["apt-cache", "madison", "rsync"], capture_output=True, text=True, check=False
    ).stdout
    versions = [line.split("|")[1].strip() for line in listed.splitlines()]
    fitting = [version for version in versions if version.startswith(OLD)]
    if not fitting:
        raise NoRsync(f"apt knows rsync {', '.join(versions) or 'in no version'}")
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent) as scratch:
        # The sandbox user of apt could not write into a directory of ours.
        get = ["apt-get", "-o", "APT::Sandbox::User=root", "download", f"rsync={fitting[0]}"]
        got = subprocess.run(get, cwd=scratch, capture_output=True, text=True, check=False)
        packages = list(Path(scratch).glob("*.deb"))
        if got.returncode or not packages:
            raise NoRsync(f"apt-get download: {got.stderr.strip()}")
        subprocess.run(["dpkg", "-x", packages[0], f"{scratch}/tree"], check=True)
        if not cached.exists():
            Path(scratch, "tree").rename(cached)


def interpose(pair: Pair, *, before: str = ":", after: str = ":") -> None:
    """Run shell commands just before and just after the next rsync that copies, once.

    The first run that copies comes after the scan, so this stands for whatever happens on a
    busy system between the two, at a moment that does not vary. Dry runs pass untouched.
    """
    folder = pair.home / "interposed"
    path = pair.env["PATH"].removeprefix(f"{folder}:")
    real = shutil.which("rsync", path=path)
    assert real, "no rsync on PATH"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    script = folder / "rsync"
    script.write_text(f"""#!/bin/sh
for argument; do
    case $argument in
        --version|-V|--dry-run|--help) exec {real} "$@" ;;
        --*) ;;
        -*n*) exec {real} "$@" ;;
    esac
done
mkdir {folder}/done 2>/dev/null || exec {real} "$@"
{{
{before}
}} >{folder}/log 2>&1 </dev/null
{real} "$@"
status=$?
{{
{after}
}} >>{folder}/log 2>&1 </dev/null
exit $status
""")
    script.chmod(0o755)
    pair.env["PATH"] = f"{folder}:{path}"


def interposed(pair: Pair) -> bool:
    """Whether a copying rsync has run since ``interpose``; without it a test shows nothing."""
    return (pair.home / "interposed" / "done").exists()
