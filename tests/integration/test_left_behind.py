"""What `activate` says of what the other image would lack, and what it refuses.

`activate` itself needs LVM and a boot loader. This is the part of it that looks at both images.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from .lab.dpkg_root import DpkgRoot
from .lab.files import put
from .lab.mounts import Mounts
from .lab.two_images import TwoImages

TABLE = "var/lib/mysql/ibdata1"

ASK = """
import json, sys
from drdwrap.actions.around_run import under_lock
from drdwrap.actions.left_behind import left_behind
from drdwrap.cli.settings import Settings
from drdwrap.errors import RefusedError
settings, refused = Settings(sys.argv[1]), ""
found = under_lock(settings.load(), settings.log(), left_behind)
try:
    found.refuse_databases()
except RefusedError as error:
    refused = f"{error.message}; {error.hint}"
print(json.dumps([found.notes, found.databases, refused]))
"""


class Behind(NamedTuple):
    notes: list[str]
    databases: list[str]
    refused: str


def left_behind(images: TwoImages) -> Behind:
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(images.pair.config)],
        env=images.pair.env,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return Behind(*json.loads(done.stdout))


@pytest.fixture
def images(on_disk: Path, mounts: Mounts) -> TwoImages:
    """Two images of a machine with a database server; the clone is filled."""
    booted, clone = mounts.image("booted").point, mounts.image("clone").point
    made = TwoImages(on_disk, booted, clone)
    made.pair.configure(packages="dpkg")
    root = DpkgRoot.make(booted)
    root.package("base", "/srv/base")
    root.package("mariadb-server", "/usr/sbin/mariadbd", "/var/lib/mysql", version="10.11.6")
    for path in (TABLE, "srv/base"):
        put(booted, path, b"first\n")
    made.pair.clone_fill()
    return made


def test_in_step_nothing_is_said(images: TwoImages) -> None:
    images.pair.sync()
    assert left_behind(images) == Behind([], [], "")


def test_what_no_sync_has_brought_over_is_counted(images: TwoImages) -> None:
    for name in "abc":
        put(images.booted, f"srv/{name}", b"new\n")
    notes = left_behind(images).notes
    assert any(note.startswith("3 paths of the booted image are not on the") for note in notes)


def test_on_the_clone_what_was_written_there_stays_there(images: TwoImages) -> None:
    images.boot(images.clone)
    (note,) = left_behind(images).notes
    assert "'drdwrap reverse' and 'drdwrap sync' take it along" in note


def test_a_database_that_is_held_back_is_refused(images: TwoImages) -> None:
    images.boot(images.clone)
    status = images.clone / "var/lib/dpkg/status"
    status.write_text(status.read_text().replace("10.11.6", "10.11.9"))
    put(images.clone, TABLE, b"written by the newer server\n")
    images.pair.run("reverse")
    images.pair.run("sync", ok=2)
    found = left_behind(images)
    (database,) = found.databases
    assert database.startswith("/var/lib/mysql (28 bytes) is held back: ")
    assert found.refused.startswith("the other image does not get these databases: /var/lib/mysql")
    assert found.refused.endswith("--leave-databases")
