"""``install`` and ``uninstall`` below a root directory, as a packager runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from drdwrap.errors import RefusedError
from drdwrap.install.apply import Installer
from drdwrap.install.file_contents import logrotate
from drdwrap.install.parts import File, Part
from drdwrap.install.places import PACKAGED_ROTATION, Places
from drdwrap.linux import durable

from .lab.files import put
from .lab.images import MIB
from .lab.mounts import Mounts
from .lab.program import CHECKOUT, Program, closed_to_others

CALLED = "/usr/bin/drdwrap"
SHUTDOWN = {
    "/etc/init.d/drdwrap",
    "/etc/default/drdwrap",
    "/etc/logrotate.d/drdwrap",
    "/usr/lib/systemd/system/drdwrap.service",
    "/etc/systemd/system/multi-user.target.wants/drdwrap.service",
}
CRON = {"/etc/cron.d/drdwrap", "/etc/logrotate.d/drdwrap"}
TIMER = {
    "/usr/lib/systemd/system/drdwrap-sync.service",
    "/usr/lib/systemd/system/drdwrap-sync.timer",
    "/etc/systemd/system/timers.target.wants/drdwrap-sync.timer",
    "/etc/logrotate.d/drdwrap",
}
MANIFEST = "/etc/drdwrap/installed.json"


class Root:
    """A root directory to install into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(exist_ok=True)

    def run(self, *words: str, ok: int = 0) -> subprocess.CompletedProcess[bytes]:
        env = {"PATH": os.environ["PATH"]}
        done = Program([*words, "--root", str(self.path)], env, fresh=False).wait()
        told = (done.stdout + done.stderr).decode()
        assert done.returncode == ok, told
        assert b"Traceback" not in done.stderr, told
        return done

    def install(self, *words: str, ok: int = 0) -> str:
        done = self.run("install", *words, "--program", CALLED, ok=ok)
        return (done.stdout + done.stderr).decode()

    def uninstall(self, *words: str, ok: int = 0) -> str:
        done = self.run("uninstall", *words, ok=ok)
        return (done.stdout + done.stderr).decode()

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Mode and content of every file, by absolute path. A link has its target as content."""
        found = {}
        for path in self.path.rglob("*"):
            name = f"/{path.relative_to(self.path)}"
            if path.is_symlink():
                found[name] = (0, os.fsencode(os.readlink(path)))
            elif path.is_file():
                found[name] = (path.stat().st_mode & 0o7777, path.read_bytes())
        return found

    def at(self, path: str) -> Path:
        return self.path / path.lstrip("/")

    def edit(self, path: str) -> bytes:
        with self.at(path).open("a") as file:
            file.write("# mine\n")
        return self.at(path).read_bytes()


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root(tmp_path / "root")


@pytest.mark.parametrize(
    ("part", "files"), [("shutdown", SHUTDOWN), ("cron", CRON), ("timer", TIMER)]
)
def test_each_part_is_installed_once_and_removed_without_a_trace(
    root: Root, part: str, files: set[str]
) -> None:
    root.install(part)
    first = root.files()
    assert set(first) == files | {MANIFEST}
    assert "There is nothing to do" in root.install(part)
    assert root.files() == first
    root.uninstall(part)
    assert list(root.path.iterdir()) == []
    assert "There is nothing to do" in root.uninstall(part)


def test_all_of_it_goes_at_once_and_what_was_there_before_stays(root: Root) -> None:
    for name in ("etc/cron.d", "etc/default", "usr/lib/systemd/system"):
        root.at(name).mkdir(parents=True)
    root.at("etc/cron.d/other").write_text("theirs")
    before = sorted(root.path.rglob("*"))
    for part in ("shutdown", "cron", "timer"):
        root.install(part)
    root.uninstall("all")
    assert sorted(root.path.rglob("*")) == before


def test_the_log_is_rotated_as_long_as_one_part_is_left(root: Root) -> None:
    root.install("shutdown")
    root.install("cron")
    root.uninstall("shutdown")
    assert set(root.files()) == CRON | {MANIFEST}
    root.uninstall("cron")
    assert root.files() == {}


def test_who_may_do_what_with_them(root: Root) -> None:
    os.umask(0o077)
    try:
        root.install("shutdown")
    finally:
        os.umask(0o022)
    files = root.files()
    assert files["/etc/init.d/drdwrap"][0] == 0o755
    assert files["/etc/default/drdwrap"][0] == 0o644
    assert files[MANIFEST][0] == 0o600
    assert root.at("/etc/systemd").stat().st_mode & 0o777 == 0o755


def test_an_edited_file_is_not_overwritten_without_force(root: Root) -> None:
    root.install("cron")
    edited = root.edit("/etc/cron.d/drdwrap")
    told = root.install("cron", "--schedule", "1 2 * * *", ok=1)
    assert "/etc/cron.d/drdwrap was edited after drdwrap wrote it" in told and "--force" in told
    assert root.at("/etc/cron.d/drdwrap").read_bytes() == edited
    assert "was edited after drdwrap wrote it" in root.uninstall("cron", ok=1)
    root.install("cron", "--schedule", "1 2 * * *", "--force")
    assert b"1 2 * * * root" in root.at("/etc/cron.d/drdwrap").read_bytes()
    root.edit("/etc/cron.d/drdwrap")
    root.uninstall("cron", "--force")
    assert root.files() == {}


def test_a_refusal_leaves_everything_as_it_was(root: Root) -> None:
    root.install("shutdown")
    root.edit("/usr/lib/systemd/system/drdwrap.service")
    before = root.files()
    root.install("shutdown", "-x", "exclude_list=[/srv]", ok=1)
    assert root.files() == before
    root.uninstall("shutdown", ok=1)
    assert root.files() == before


def test_somebody_elses_file_is_not_overwritten(root: Root) -> None:
    root.at("/etc/cron.d").mkdir(parents=True)
    root.at("/etc/cron.d/drdwrap").write_text("theirs")
    told = root.install("cron", ok=1)
    assert "/etc/cron.d/drdwrap already exists, and drdwrap did not write it" in told
    assert set(root.files()) == {"/etc/cron.d/drdwrap"}


@pytest.mark.parametrize("path", ["/etc/cron.d/drdwrap", "/etc/logrotate.d/drdwrap"])
def test_what_is_refused_for_one_part_keeps_all_of_them(root: Root, path: str) -> None:
    """Even a file that all of them have, which goes with the last one."""
    root.install("shutdown")
    root.install("cron")
    root.edit(path)
    before = root.files()
    assert f"{path} was edited after drdwrap wrote it" in root.uninstall("all", ok=1)
    assert root.files() == before


def test_what_runs_is_told_only_once_nothing_is_refused(tmp_path: Path) -> None:
    """A unit that is stopped now would not be there for the shutdown to stop."""
    installer = Installer(Places(tmp_path))
    told = []

    def before(part: str, files: Sequence[str]) -> None:
        told.append((part, [*files]))

    def part(*paths: str) -> Part:
        return Part("cron", tuple(File(path, path.encode()) for path in paths))

    installer.install(part("/etc/a", "/etc/b"), force=False, before=before)
    (tmp_path / "etc/a").write_text("edited")
    for refused in (
        lambda: installer.install(part("/etc/b"), force=False, before=before),
        lambda: list(installer.uninstall(["cron"], force=False, before=before)),
    ):
        told.clear()
        with pytest.raises(RefusedError):
            refused()
        assert told == []
    installer.install(part("/etc/b"), force=True, before=before)
    assert told == [("cron", ["/etc/a"])]


def test_a_log_that_moves_takes_its_rotation_along(root: Root) -> None:
    """Every part has the file, and nobody edited it."""
    root.install("shutdown")
    root.install("cron")
    root.install("cron", "-x", "log_file=/var/log/other.log")
    assert b"other.log" in root.at("/etc/logrotate.d/drdwrap").read_bytes()
    root.install("shutdown")
    assert b"other.log" not in root.at("/etc/logrotate.d/drdwrap").read_bytes()
    root.uninstall("all")
    assert root.files() == {}


def test_a_package_that_rotates_the_log_keeps_its_file(root: Root) -> None:
    packaged = logrotate("/var/log/drdwrap.log", PACKAGED_ROTATION)
    put(root.path, "etc/logrotate.d/drdwrap", packaged)
    before = root.files()
    root.install("cron")
    root.install("shutdown")
    assert not root.at("/etc/logrotate.d/drdwrap-log").exists()
    root.install("cron", "-x", "log_file=/var/log/other.log")
    assert b'"/var/log/other.log" {' in root.at("/etc/logrotate.d/drdwrap-log").read_bytes()
    root.uninstall("all")
    assert root.files() == before


def test_another_state_directory_changes_nothing_about_what_is_installed(root: Root) -> None:
    root.install("shutdown", "-x", "state_dir=/srv/drd")
    root.install("shutdown")
    assert b"state=/var/lib/drdwrap\n" in root.at("/etc/init.d/drdwrap").read_bytes()
    root.uninstall("shutdown")
    assert root.files() == {}


@pytest.mark.parametrize("after", range(6))
def test_what_a_kill_left_is_known(root: Root, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is killed when `after` files have been written."""
    root.install("shutdown", "-x", "exclude_list=[/old]")
    written = 0
    write = durable.write

    def write_and_die(*arguments: Any) -> None:
        nonlocal written
        if written == after:
            raise SystemExit(9)
        written += 1
        write(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(durable, "write", write_and_die)
        root.run("install", "shutdown", "--program", "/usr/bin/other", ok=9 if after < 4 else 0)
    copy = root.path.with_name("copy")
    shutil.copytree(root.path, copy, symlinks=True)
    root.install("shutdown")
    assert b"/old" not in root.at("/etc/init.d/drdwrap").read_bytes()
    for path in (copy, root.path):
        Root(path).uninstall("all")
        assert list(path.iterdir()) == []


def test_a_kill_while_the_log_moves_leaves_no_file_that_looks_edited(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rotation belongs to the other part too, whose digest is still the old one."""
    root.install("shutdown")
    root.install("cron")
    write = durable.write

    def write_and_die(*arguments: Any) -> None:
        write(*arguments)
        if b"logrotate" in arguments[0]:
            raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr(durable, "write", write_and_die)
        moved = ["-x", "log_file=/var/log/other.log", "--program", CALLED]
        root.run("install", "cron", *moved, ok=9)
    assert b"other.log" in root.at("/etc/logrotate.d/drdwrap").read_bytes()
    root.uninstall("all")
    assert root.files() == {}


def test_a_disk_without_room_has_nothing_installed(root: Root, mounts: Mounts) -> None:
    full = mounts.image("full-root", 8 * MIB)
    (full.point / "etc/default").mkdir(parents=True)
    before = sorted(full.point.rglob("*"))
    with (full.point / "rest").open("wb") as file:
        while room := os.statvfs(full.point).f_bavail:
            os.posix_fallocate(file.fileno(), file.tell(), room * 4096)
            file.seek(0, os.SEEK_END)
    other = Root(full.point)
    assert "No space left on device" in other.install("shutdown", ok=1)
    (full.point / "rest").unlink()
    other.uninstall("all")
    assert sorted(full.point.rglob("*")) == before


def test_what_lost_its_mode_gets_it_back(root: Root) -> None:
    root.install("shutdown")
    first = root.files()
    root.at("/etc/init.d/drdwrap").chmod(0o644)
    assert "written:  /etc/init.d/drdwrap" in root.install("shutdown")
    assert root.files() == first


def test_links_do_not_lead_out_of_the_root_directory(root: Root, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    root.at("etc").mkdir()
    root.at("etc/cron.d").symlink_to(outside)
    assert "out of" in root.install("cron", ok=1)
    assert list(outside.iterdir()) == []
    root.at("etc/cron.d").unlink()
    root.at("etc/drdwrap").symlink_to(outside)
    assert "out of" in root.install("cron", ok=1)
    assert list(outside.iterdir()) == []
    root.at("etc/drdwrap").unlink()
    root.at("usr/cron.d").mkdir(parents=True)
    root.at("etc/cron.d").symlink_to("../usr/cron.d")
    root.install("cron")
    assert root.at("usr/cron.d/drdwrap").exists()


def test_an_empty_name_is_no_root_directory() -> None:
    done = Program(
        ["install", "cron", "--root", "", "--program", CALLED],
        {"PATH": os.environ["PATH"]},
        fresh=False,
    ).wait()
    assert done.returncode == 1
    assert b"--root names no directory" in done.stderr


def test_what_stands_where_a_link_goes_is_not_overwritten(root: Root) -> None:
    link = root.at("/etc/systemd/system/multi-user.target.wants/drdwrap.service")
    link.parent.mkdir(parents=True)
    link.write_text("mine")
    assert "already exists, and drdwrap did not write it" in root.install("shutdown", ok=1)
    assert link.read_text() == "mine"
    root.install("shutdown", "--force")
    assert link.is_symlink()


def test_files_beside_those_that_are_written_stay(root: Root) -> None:
    root.at("/etc/default").mkdir(parents=True)
    for suffix in (".new", ".tmp", "~"):
        root.at(f"/etc/default/drdwrap{suffix}").write_text("mine")
    root.install("shutdown")
    for suffix in (".new", ".tmp", "~"):
        assert root.at(f"/etc/default/drdwrap{suffix}").read_text() == "mine"


def test_settings_that_are_a_link_are_kept(root: Root) -> None:
    root.at("/etc/default").mkdir(parents=True)
    root.at("/etc/default/mine").write_text("ENABLED=no\n")
    root.at("/etc/default/drdwrap").symlink_to("mine")
    assert "kept:     /etc/default/drdwrap" in root.install("shutdown")
    assert root.at("/etc/default/drdwrap").is_symlink()
    root.uninstall("shutdown")
    assert root.at("/etc/default/mine").read_text() == "ENABLED=no\n"


def test_a_root_directory_has_its_own_configuration(root: Root) -> None:
    root.at("/etc/drdwrap").mkdir(parents=True)
    root.at("/etc/drdwrap/drdwrap.yaml").write_text("state_dir: /srv/drd\n")
    root.install("shutdown")
    script = root.at("/etc/init.d/drdwrap").read_text()
    assert "state=/srv/drd\n" in script
    assert f"{CALLED} sync" in script


def test_a_program_that_is_not_found_elsewhere_is_not_installed(tmp_path: Path) -> None:
    """Such as a checkout that is not in the interpreter's path."""
    (tmp_path / "root").mkdir()
    bare = tmp_path / "bare"
    bare.symlink_to(CHECKOUT / "drdwrap")
    command = [sys.executable, "-m", "drdwrap", "install", "cron", "--root", str(tmp_path / "root")]
    with_it = subprocess.run(command, capture_output=True, cwd=CHECKOUT, check=False)
    assert (with_it.returncode == 0) == is_found_from_elsewhere()
    if with_it.returncode:
        assert b"--program" in with_it.stderr


def is_found_from_elsewhere() -> bool:
    command = [sys.executable, "-m", "drdwrap", "--version"]
    return subprocess.run(command, capture_output=True, cwd="/", check=False).returncode == 0


def test_settings_are_the_administrators(root: Root) -> None:
    """They are kept when everything else is overwritten or removed."""
    root.install("shutdown")
    edited = root.edit("/etc/default/drdwrap")
    told = root.install("shutdown", "-x", "exclude_list=[/srv]")
    assert "kept:     /etc/default/drdwrap (it was edited)" in told
    assert b"exclude_list" in root.at("/etc/init.d/drdwrap").read_bytes()
    assert "kept:     /etc/default/drdwrap" in root.uninstall("shutdown")
    assert root.files() == {"/etc/default/drdwrap": (0o644, edited)}


def test_another_init_system_takes_the_place_of_the_first(root: Root) -> None:
    root.install("shutdown", "--init", "systemd")
    files = set(root.files())
    assert "/etc/drdwrap/shutdown" in files and "/etc/init.d/drdwrap" not in files
    root.install("shutdown", "--init", "sysv")
    assert set(root.files()) == SHUTDOWN - {
        "/usr/lib/systemd/system/drdwrap.service",
        "/etc/systemd/system/multi-user.target.wants/drdwrap.service",
    } | {MANIFEST}


def test_settings_are_where_the_system_has_them(root: Root) -> None:
    root.at("/etc/sysconfig").mkdir(parents=True)
    root.install("shutdown")
    assert "/etc/sysconfig/drdwrap" in root.files()


def test_what_was_chosen_on_the_command_line_is_installed(root: Root, tmp_path: Path) -> None:
    config = tmp_path / "drdwrap.yaml"
    config.write_text(f"log_file: {tmp_path}/my log\nstate_dir: /var/lib/other\n")
    root.install("shutdown", "--config", str(config), "-x", "exclude_list=['*.x y']")
    script = root.at("/etc/init.d/drdwrap").read_text()
    assert f"{CALLED} --config {config} sync --occasion shutdown -x" in script
    assert "state=/var/lib/other" in script
    assert f'"{tmp_path}/my log" {{' in root.at("/etc/logrotate.d/drdwrap").read_text()
    root.install("timer", "--config", str(config))
    unit = root.at("/usr/lib/systemd/system/drdwrap-sync.service").read_text()
    assert f"ExecStart={CALLED} --config {config} sync --occasion periodic" in unit


def test_the_cron_line(root: Root) -> None:
    root.install("cron", "--schedule", "*/7 3  * * mon")
    lines = root.at("/etc/cron.d/drdwrap").read_text().splitlines()
    assert lines[-1] == (
        f"*/7 3 * * mon root nice -n 19 ionice -c 3 {CALLED} sync --occasion periodic"
        " --skip-if-running"
    )
    assert any(line.startswith("PATH=/") for line in lines)


@pytest.mark.parametrize(
    ("part", "option", "value", "what"),
    [
        ("cron", "--schedule", "0 25 * * *", "hour '25': 25 is not within 0 to 23"),
        ("timer", "--on-calendar", "%h", "not a calendar expression"),
    ],
)
def test_a_wrong_time_is_refused_with_what_is_wrong(
    root: Root, part: str, option: str, value: str, what: str
) -> None:
    assert what in root.install(part, option, value, ok=1)
    assert root.files() == {}


def test_systemd_judges_its_own_times_and_units(root: Root) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    assert "not a calendar expression" in root.install("timer", "--on-calendar", "someday", ok=1)
    assert "never elapses again" in root.install("timer", "--on-calendar", "2001-01-01", ok=1)
    root.install("timer", "--on-calendar", "Mon..Fri 03:17")
    root.install("shutdown")
    program = root.at(CALLED)
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = ["drdwrap.service", "drdwrap-sync.timer", "drdwrap-sync.service"]
    directory = root.at("/usr/lib/systemd/system")
    for target in ("sysinit", "basic", "local-fs", "shutdown", "timers", "multi-user"):
        (directory / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={root.path}", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "drdwrap" not in done.stderr, done.stderr


def test_without_rights_the_system_is_not_touched(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("not root, which another user is made from")
    if reason := closed_to_others():
        pytest.skip(reason)
    program = Program(
        ["install", "cron", "--program", CALLED, "-x", f"state_dir={tmp_path}"],
        {"PATH": os.environ["PATH"]},
        fresh=False,
        prepare=lambda: os.setuid(65534),
    )
    done = program.wait()
    assert done.returncode == 1
    assert b"run it as root" in done.stderr


def test_a_damaged_manifest_is_no_reason_to_guess(root: Root) -> None:
    root.install("cron")
    root.at(MANIFEST).write_text("{}")
    assert "is damaged" in root.uninstall("all", ok=1)
    assert set(root.files()) >= CRON


def test_as_json(root: Root) -> None:
    told = json.loads(root.run("--json", "install", "cron", "--program", CALLED).stdout)
    assert set(told["written"]) == CRON
