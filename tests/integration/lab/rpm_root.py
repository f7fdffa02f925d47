"""Real rpm databases: packages built here, installed into roots with `rpm --root`."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

DATABASE = "var/lib/rpm"

_SPEC = """
Name: tool
Version: {version}
Release: 1
Summary: A package to test with
License: Apache-2.0
BuildArch: noarch
%description
It has a file of each kind.
%install
cd %{{buildroot}} || mkdir -p %{{buildroot}} && cd %{{buildroot}}
mkdir -p usr/bin etc var/log usr/share/doc/tool
echo tool {version} > usr/bin/tool
{{ test {version} = 1 && echo only in 1 > usr/bin/old-tool; }} || true
echo moves with {version} > etc/moving.conf
echo stays > etc/staying.conf
echo stays > etc/kept.conf
echo read me > usr/share/doc/tool/README
touch var/log/tool.log
touch --date=@1600000000 etc/*
%files
/usr/bin/*
%config /etc/moving.conf
%config /etc/staying.conf
%config(noreplace) /etc/kept.conf
%dir /usr/share/doc/tool
%doc /usr/share/doc/tool/README
%ghost /var/log/tool.log
"""

_SERVICE = """
Name: mta
Version: 1
Release: 1
Summary: A package with a service to test with
License: Apache-2.0
BuildArch: noarch
%description
It has directories of its own, in its list and made by its script.
%install
mkdir -p %{buildroot} && cd %{buildroot}
mkdir -p usr/sbin usr/lib/systemd/system etc/mta etc/logrotate.d var/lib/mta var/log usr/share/mta
echo mta > usr/sbin/mta
echo mta > usr/lib/systemd/system/mta.service
echo mta > etc/mta/mta.conf
echo mta > etc/logrotate.d/mta
echo mta > usr/share/mta/data
touch var/log/mta.log
%post -p <lua>
posix.mkdir("/var/spool")
posix.mkdir("/var/spool/mta")
%files
/usr/sbin/mta
/usr/lib/systemd/system/mta.service
%config /etc/mta/mta.conf
%config /etc/logrotate.d/mta
/usr/share/mta/data
%dir /var/lib/mta
%ghost /var/log/mta.log
"""


def lacking() -> str:
    """What is missing for these tests, or the empty string."""
    return "" if shutil.which("rpmbuild") else "no rpmbuild is installed (Debian: rpm)"


def build(directory: Path, version: str) -> Path:
    """The package `tool` in this version."""
    spec = directory / f"tool-{version}.spec"
    spec.write_text(_SPEC.format(version=version))
    define = ("--define", f"_topdir {directory}/top", "--define", "_build_id_links none")
    _run("rpmbuild", "-bb", "--quiet", *define, spec)
    return directory / f"top/RPMS/noarch/tool-{version}-1.noarch.rpm"


def build_service(directory: Path) -> Path:
    """The package `mta`, of which the directories /etc/mta and /usr/share/mta are in no list."""
    spec = directory / "mta.spec"
    spec.write_text(_SERVICE)
    define = ("--define", f"_topdir {directory}/top", "--define", "_build_id_links none")
    _run("rpmbuild", "-bb", "--quiet", *define, spec)
    return directory / "top/RPMS/noarch/mta-1-1.noarch.rpm"


def _run(*arguments: str | Path, ok: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        [str(a) for a in arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    assert done.returncode in ok, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


@dataclass
class RpmRoot:
    """A root with a database of rpm's own making."""

    path: Path

    def rpm(self, *arguments: str | Path, ok: tuple[int, ...] = (0,)) -> str:
        (self.path / DATABASE).mkdir(parents=True, exist_ok=True)
        where = ("--root", self.path, "--dbpath", f"/{DATABASE}")
        return _run("rpm", *where, *arguments, ok=ok)

    def install(self, package: Path) -> None:
        """Install, or upgrade to, this package."""
        self.rpm("-U", "--nodeps", package)

    def verify(self) -> list[str]:
        """What `rpm -Va` reports, except for configuration files."""
        lines = self.rpm("-Va", ok=(0, 1)).splitlines()
        return sorted(line for line in lines if " c /" not in line)

    def turn_into_bdb(self) -> None:
        """Replace the sqlite database with one of Berkeley DB, as rpm before 4.16 has it."""
        directory = self.path / DATABASE
        with closing(sqlite3.connect(directory / "rpmdb.sqlite")) as database:
            rows = database.execute("SELECT hnum, blob FROM Packages").fetchall()
        pairs = [(0, max(number for number, _ in rows).to_bytes(4, "little")), *rows]
        lines = ["VERSION=3", "format=bytevalue", "type=hash", "HEADER=END"]
        for number, blob in pairs:
            lines += [f" {number.to_bytes(4, 'little').hex()}", f" {blob.hex()}"]
        dump = self.path / "dump"
        dump.write_text("\n".join([*lines, "DATA=END"]) + "\n")
        for old in directory.iterdir():
            old.unlink()
        _run("db_load", "-f", dump, directory / "Packages")
        dump.unlink()
