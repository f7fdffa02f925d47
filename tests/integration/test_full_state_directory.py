"""A state directory on a full disk: a run ends with exit 1, and the next one puts it right."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab.files import populate, put
from .lab.images import MIB
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose, interposed


@pytest.fixture
def cramped(pair: Pair, mounts: Mounts) -> Pair:
    """The state directory is on a file system of 16 MiB of its own."""
    pair.state = mounts.image("state", 16 * MIB).point / "state"
    pair.configure(state_dir=str(pair.state))
    populate(pair.booted)
    pair.clone_fill()
    return pair


def filler(pair: Pair) -> Path:
    return pair.state.parent / "filler"


def fill_up(pair: Pair) -> str:
    """Shell commands that leave not a byte on the state directory's disk."""
    file = filler(pair)
    return f"dd if=/dev/zero of={file} bs=4k; dd if=/dev/zero bs=1k >>{file}; sync -f {file}"


def end_in_error(pair: Pair) -> None:
    done = pair.start("sync").wait()
    assert done.returncode == 1, (done.stdout + done.stderr).decode(errors="replace")
    assert b"Traceback" not in done.stderr
    assert done.stderr.strip()


def put_right(pair: Pair) -> None:
    filler(pair).unlink()
    pair.sync()
    assert pair.report("target_changed") == [b"/etc/hosts"]
    assert pair.differences("etc/hosts") == []
    assert (pair.clone / "etc/hosts").read_bytes() == b"clone\n"
    assert pair.temporary_files() == []
    again = pair.sync()
    assert again["copied"] == again["deleted"] == 0


def change(pair: Pair) -> None:
    put(pair.clone, "etc/hosts", b"clone\n")
    put(pair.booted, "etc/hosts", b"booted\n")
    put(pair.booted, "etc/motd", b"booted\n")
    put(pair.booted, "srv/new/file", b"booted\n")
    (pair.booted / "srv/data/07").unlink()


def test_full_before_the_run(cramped: Pair) -> None:
    change(cramped)
    filler(cramped).write_bytes(b"")
    interpose(cramped)
    cramped.run("preview")
    assert not interposed(cramped)
    reports = {path.name: path.read_bytes() for path in (cramped.state / "sync").iterdir()}
    put(cramped.booted, "srv/another", b"booted\n")
    with filler(cramped).open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            pass
    before = cramped.both()
    end_in_error(cramped)
    assert cramped.both() == before
    assert {path.name: path.read_bytes() for path in (cramped.state / "sync").iterdir()} == reports
    put_right(cramped)


def test_full_when_the_copy_starts(cramped: Pair) -> None:
    change(cramped)
    interpose(cramped, before=fill_up(cramped))
    end_in_error(cramped)
    assert interposed(cramped)
    put_right(cramped)


def test_full_when_the_copy_ends(cramped: Pair) -> None:
    change(cramped)
    interpose(cramped, after=fill_up(cramped))
    end_in_error(cramped)
    assert interposed(cramped)
    put_right(cramped)


def test_full_with_a_change_on_the_clone_before_it_is_put_right(cramped: Pair) -> None:
    """What the broken run put is drdwrap's own; what the administrator then changed is not."""
    change(cramped)
    interpose(cramped, after=fill_up(cramped))
    end_in_error(cramped)
    put(cramped.clone, "srv/new/file", b"clone, after the run\n")
    filler(cramped).unlink()
    cramped.sync()
    assert (cramped.clone / "srv/new/file").read_bytes() == b"clone, after the run\n"
    assert (cramped.clone / "etc/motd").read_bytes() == b"booted\n"
