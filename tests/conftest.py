"""Fixtures of the tests that need real file systems; they skip, with the reason, without."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from integration.lab.files import copy_as_is, populate
from integration.lab.images import Images, NoImages
from integration.lab.mounts import Mounts
from integration.lab.pair import Pair
from integration.lab.rsync import OLD, NoRsync, old_rsync
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from drdwrap.linux import mount_namespace

pytest_plugins = ["slow"]

# How long an example takes says more about the machine and what else it does.
settings.register_profile("drdwrap", deadline=None)
settings.load_profile("drdwrap")


class StoriesWhole(LoadScopeScheduling):  # type: ignore[misc]
    """Tests go to whichever process is free, but a module with machines whole to one: a story goes
    on where the test before it ended."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if "tests/vm/" in nodeid else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two, as a machine keeps a core busy; without them there is room for one that waits."""
    return 3 if "not vm" in config.option.markexpr else 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> StoriesWhole:
    config.option.loadscopereorder = False  # see below
    return StoriesWhole(config, log)


_FIRST = (
    "tests/vm/test_clone.py",
    "tests/vm/test_shutdown_sysvinit.py",
    "tests/vm/test_story.py",
    "tests/vm/test_shutdown.py",
    "tests/vm/",
    "test_state_machine.py",
    "test_packages_property.py",
    "test_linters.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that at the end nothing goes on alone; the two stories that
    begin have boxes of two kinds, so that neither waits for the other's to be made."""

    def rank(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(_FIRST) if name in item.nodeid), len(_FIRST))

    items.sort(key=rank)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many crashes were tried, and the time of each step of the lab (tests/vm), whichever
    process took it."""
    reports = [r for kind in terminalreporter.stats.values() for r in kind]
    properties = [
        (report.when, *pair)
        for report in reports
        if isinstance(report, pytest.TestReport)
        for pair in report.user_properties
    ]
    if crashes := [v for when, name, v in properties if (when, name) == ("call", "crashes")]:
        terminalreporter.section("crashes")
        for line in crashes:
            terminalreporter.write_line(str(line))
    if lines := [value for _, name, value in properties if name == "lab"]:
        terminalreporter.section("steps of the lab")
        for line in lines:
            terminalreporter.write_line(str(line))
        stories = [
            r for r in reports if isinstance(r, pytest.TestReport) and "tests/vm/" in r.nodeid
        ]
        took = max(r.stop for r in stories) - min(r.start for r in stories)
        terminalreporter.write_line(f"{took / 60:6.1f} min  from the first machine to the last")


def _place_for_images() -> Path:
    """Memory, where there is enough: every sync waits for the clone's disk several times."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30:
        return memory
    return Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def images() -> Iterator[Images]:
    """The session's loop images; whatever is still mounted of them at the end is unmounted.

    They are mounted in a namespace of the session's own: a copy of a mount that some other process
    has in its namespace would keep the file system busy after it is unmounted here.
    """
    try:
        mount_namespace.unshare_mounts()
    except PermissionError:
        pytest.skip("there is no right to mount")
    try:
        pool = Images(_place_for_images())
    except NoImages as reason:
        pytest.skip(str(reason))
    yield pool
    pool.close()


@pytest.fixture
def mounts(images: Images) -> Iterator[Mounts]:
    """What this test mounts beside its pair."""
    mine = Mounts(images)
    yield mine
    mine.undo()


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory for state that survives a power cut: not on a tmpfs."""
    kind = ["stat", "--file-system", "--format=%T", str(tmp_path)]
    if subprocess.run(kind, capture_output=True, check=True).stdout.strip() != b"tmpfs":
        yield tmp_path
        return
    elsewhere = Path(tempfile.mkdtemp(prefix="drdwrap-test-state-", dir="/var/tmp"))
    yield elsewhere
    shutil.rmtree(elsewhere)


@pytest.fixture
def pair(on_disk: Path, mounts: Mounts) -> Pair:
    """Two empty file systems, no record."""
    return Pair(on_disk, mounts.image("booted").point, mounts.image("clone").point)


@pytest.fixture
def filled(pair: Pair) -> Pair:
    """A small system and the clone that drdwrap has filled from it."""
    populate(pair.booted)
    pair.clone_fill()
    return pair


@pytest.fixture
def volumes(pair: Pair, mounts: Mounts) -> Pair:
    """/var is a volume of its own on both sides, and the clone is filled."""
    for root, name in ((pair.booted, "booted-var"), (pair.clone, "clone-var")):
        (root / "var").mkdir()
        mounts.image_at(name, root / "var")
    populate(pair.booted)
    pair.configure(booted={"volumes": ["/", "/var"]})
    pair.clone_fill()
    return pair


@pytest.fixture
def twins(pair: Pair) -> Pair:
    """A small system and a clone of it that another tool made: there is no record."""
    populate(pair.booted)
    copy_as_is(pair.booted, pair.clone)
    return pair


@pytest.fixture(params=["installed", OLD])
def rsync(request: pytest.FixtureRequest, pair: Pair) -> str:
    """The test's pair copies with this version of rsync, each of those in the field in turn."""
    version: str = request.param
    if version == OLD:
        try:
            pair.env["PATH"] = f"{old_rsync()}:{pair.env['PATH']}"
        except NoRsync as reason:
            pytest.skip(f"no rsync {OLD}: {reason}")
    elif not shutil.which("rsync"):
        pytest.skip("no rsync is installed")
    return version
