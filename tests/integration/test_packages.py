"""What belongs to packages, by databases written by hand on both sides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .lab.dpkg_root import ONE, TWO, DpkgRoot, locked
from .lab.files import put
from .lab.pair import Pair

BALLAST = 30


@pytest.fixture
def packaged(pair: Pair) -> Pair:
    """A system with two packages, and its clone."""
    pair.configure(packages="auto")
    booted = DpkgRoot.make(pair.booted)
    booted.package(
        "tool", "/usr/bin/tool", "/usr/share/tool/data", "/etc/tool.conf",
        conffiles=(f"/etc/tool.conf {ONE}",),
    )  # fmt: skip
    booted.package("base", "/usr/bin/base")
    for name in ("usr/bin/tool", "usr/share/tool/data", "etc/tool.conf", "usr/bin/base"):
        put(pair.booted, name, b"of the package\n")
    put(pair.booted, "etc/hosts", b"first\n")
    for number in range(BALLAST):
        put(pair.booted, f"srv/{number}", b"")
    pair.clone_fill()
    return pair


def clone_of(pair: Pair) -> DpkgRoot:
    """The clone's database, replaced by one without any package."""
    shutil.rmtree(pair.clone / "var/lib/dpkg")
    return DpkgRoot.make(pair.clone)


def upgraded_tool(pair: Pair, template: str = TWO) -> None:
    """On the clone, the tool is a newer one."""
    clone = clone_of(pair)
    clone.package(
        "tool", "/usr/bin/tool", "/etc/tool.conf",
        version="2.0", conffiles=(f"/etc/tool.conf {template}",),
    )  # fmt: skip
    clone.package("base", "/usr/bin/base")


def notes(pair: Pair, *arguments: str, ok: int = 0) -> str:
    done = pair.run(*arguments, ok=ok)
    return (done.stdout + done.stderr).decode() + pair.log.read_text()


def test_a_file_of_a_package_is_not_copied_and_stands_in_its_report(packaged: Pair) -> None:
    put(packaged.booted, "usr/bin/tool", b"upgraded\n")
    put(packaged.booted, "etc/hosts", b"second\n")
    put(packaged.booted, "usr/bin/mine", b"of no package\n")
    counts = packaged.sync()
    assert (counts["nonvolatile"], counts["copied"]) == (1, 2)
    assert packaged.report("nonvolatile") == [b"/usr/bin/tool"]
    assert packaged.differences("usr/bin/tool") == []
    assert (packaged.clone / "usr/bin/tool").read_bytes() == b"of the package\n"
    assert packaged.sync()["nonvolatile"] == 1  # again and again, until it is settled


def test_a_configuration_file_follows_while_its_template_is_the_same(packaged: Pair) -> None:
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    counts = packaged.sync()
    assert (counts["volatile"], counts["copied"]) == (0, 1)
    assert packaged.differences() == []


def test_it_follows_a_package_that_differs_with_the_same_template(packaged: Pair) -> None:
    upgraded_tool(packaged, template=ONE)
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    assert packaged.sync()["copied"] == 1
    assert (packaged.clone / "etc/tool.conf").read_bytes() == b"changed here\n"


def test_a_configuration_file_whose_template_moved_is_held_back(packaged: Pair) -> None:
    upgraded_tool(packaged)
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    assert packaged.sync()["volatile"] == 1
    assert packaged.report("volatile") == [b"/etc/tool.conf"]
    assert (packaged.clone / "etc/tool.conf").read_bytes() == b"of the package\n"
    told = packaged.run("explain", "/etc/tool.conf").stdout.decode()
    for word in ("tool 1.0", ONE, "tool 2.0", TWO, "same version on both sides"):
        assert word in " ".join(told.split())


def test_a_configuration_file_of_a_package_the_clone_has_not_is_held_back(packaged: Pair) -> None:
    clone_of(packaged).package("base", "/usr/bin/base")
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    packaged.sync()
    assert packaged.report("volatile") == [b"/etc/tool.conf"]
    assert "no package has it on the clone" in packaged.json("explain", "/etc/tool.conf")["reason"]


def test_configuration_that_a_removed_package_left_is_the_administrators(packaged: Pair) -> None:
    for root in (packaged.booted, packaged.clone):
        shutil.rmtree(root / "var/lib/dpkg")
        DpkgRoot.make(root).package(
            "tool", state="deinstall ok config-files", conffiles=(f"/etc/tool.conf {ONE}",)
        )
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    (packaged.booted / "usr/bin/tool").unlink()
    counts = packaged.sync()
    assert (counts["copied"], counts["deleted"]) == (1, 1)


def test_what_the_clones_upgrade_removed_does_not_come_back(packaged: Pair) -> None:
    upgraded_tool(packaged)
    (packaged.clone / "usr/share/tool/data").unlink()
    packaged.sync()
    assert packaged.report("nonvolatile") == [b"/usr/share/tool/data"]
    assert not (packaged.clone / "usr/share/tool/data").exists()


def test_what_a_package_owns_on_the_clone_is_never_removed(packaged: Pair) -> None:
    """The booted system's upgrade removed files whose successors the clone does not get."""
    shutil.rmtree(packaged.booted / "var/lib/dpkg")
    booted = DpkgRoot.make(packaged.booted)
    booted.package("tool", "/usr/bin/tool", version="2.0")
    booted.package("base", "/usr/bin/base")
    (packaged.booted / "usr/share/tool/data").unlink()
    (packaged.booted / "usr/share/tool").rmdir()
    (packaged.booted / "etc/tool.conf").unlink()
    (packaged.booted / "srv/3").unlink()
    counts = packaged.sync()
    assert counts["deleted"] == 1
    assert packaged.report("erased") == [b"/srv/3"]
    assert packaged.report("volatile") == [b"/etc/tool.conf"]
    assert packaged.report("nonvolatile") == [b"/usr/share/tool", b"/usr/share/tool/data"]
    assert (packaged.clone / "usr/share/tool/data").exists()
    assert (packaged.clone / "etc/tool.conf").exists()


def test_nor_when_its_directory_becomes_something_else(packaged: Pair) -> None:
    shutil.rmtree(packaged.booted / "usr/share/tool")
    (packaged.booted / "usr/share/tool").symlink_to("/srv")
    packaged.sync()
    assert (packaged.clone / "usr/share/tool/data").exists()
    assert packaged.report("target_changed") == [b"/usr/share/tool"]
    assert packaged.report("nonvolatile") == [b"/usr/share/tool/data"]


def test_a_file_put_where_the_clones_package_has_its_own_is_held_back(packaged: Pair) -> None:
    shutil.rmtree(packaged.booted / "var/lib/dpkg")
    DpkgRoot.make(packaged.booted).package("base", "/usr/bin/base")
    put(packaged.booted, "usr/bin/tool", b"the administrator's own\n")
    packaged.sync()
    assert packaged.report("nonvolatile") == [b"/usr/bin/tool"]
    assert "tool 1.0 on the clone" in packaged.json("explain", "/usr/bin/tool")["reason"]


def test_directories_are_no_packages_own(packaged: Pair) -> None:
    (packaged.booted / "usr/share/tool").chmod(0o700)
    packaged.sync()
    assert packaged.reports() == {"to_be_copied": [b"/usr/share/tool"]}
    assert (packaged.clone / "usr/share/tool").stat().st_mode & 0o777 == 0o700


WRITTEN = (
    "etc/alternatives/editor",
    "etc/ssl/certs/ca-certificates.crt",
    "usr/lib/python3/dist-packages/__pycache__/x.pyc",
    "usr/bin/editor",
)


def write_as_scripts_do(pair: Pair) -> None:
    for name in WRITTEN:
        put(pair.booted, name, b"written\n")
    put(pair.booted, "usr/lib/modules/6.1/modules.dep", b"written\n")
    put(pair.booted, "home/me/__pycache__/mine.pyc", b"written\n")
    for root in (pair.booted, pair.clone):
        text = "auto\n/usr/bin/editor\n\n/bin/nano\n40\n\n"
        put(root, "var/lib/dpkg/alternatives/editor", text.encode())


def test_what_package_scripts_write_follows_while_the_packages_are_the_same(
    packaged: Pair,
) -> None:
    write_as_scripts_do(packaged)
    packaged.sync()
    modules = [b"/usr/lib/modules/6.1/modules.dep"]
    assert packaged.report("nonvolatile") == modules  # these never follow
    apart = ("usr/lib/modules/6.1/modules.dep", "var/lib/dpkg/alternatives/editor")
    assert packaged.differences(*apart) == []


def test_and_stays_when_they_are_not(packaged: Pair) -> None:
    upgraded_tool(packaged)
    write_as_scripts_do(packaged)
    assert "1 packages are not the same on both sides (tool:amd64)" in notes(packaged, "preview")
    packaged.sync()
    held = {b"/" + name.encode() for name in (*WRITTEN, "usr/lib/modules/6.1/modules.dep")}
    assert set(packaged.report("nonvolatile")) == held
    assert (packaged.clone / "home/me/__pycache__/mine.pyc").exists()


def test_files_registered_with_ucf_count_as_configuration(packaged: Pair) -> None:
    for root, digest in ((packaged.booted, ONE), (packaged.clone, TWO)):
        put(root, "var/lib/ucf/hashfile", f"{digest}  /etc/hosts\n".encode())
        put(root, "var/lib/ucf/registry", b"tool /etc/hosts\n")
    put(packaged.booted, "etc/hosts", b"second\n")
    packaged.sync()
    assert packaged.report("volatile") == [b"/etc/hosts"]


def test_while_the_clone_is_being_patched_its_templates_cannot_be_told(packaged: Pair) -> None:
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    put(packaged.booted, "etc/hosts", b"second\n")
    with locked(packaged.clone / "var/lib/dpkg/lock") as pid:
        packaged.sync()
        assert packaged.report("volatile") == [b"/etc/tool.conf"]
        reason = packaged.json("explain", "/etc/tool.conf")["reason"]
        assert f"the clone's package database is locked by process {pid}" in reason
    assert (packaged.clone / "etc/hosts").read_bytes() == b"second\n"
    assert packaged.sync()["copied"] == 1


def test_a_torn_database_of_the_booted_system_stops_the_run(packaged: Pair) -> None:
    put(packaged.booted, "var/lib/dpkg/status", b"Package: tool\nStat")
    put(packaged.booted, "usr/bin/tool", b"upgraded\n")
    before = packaged.both()
    for command in ("preview", "sync"):
        said = packaged.run(command, ok=1).stderr.decode()
        assert "torn" in said
        assert "packages: none" in said
    assert packaged.both() == before
    packaged.configure(packages="none")
    assert packaged.sync()["copied"] == 1


def test_no_database_is_read_when_nothing_is_to_be_done(packaged: Pair) -> None:
    for root in (packaged.booted, packaged.clone):
        put(root, "var/lib/dpkg/status", b"Package: tool\nStat")
    packaged.sync()


def test_a_torn_database_of_the_clone_holds_back_what_it_would_decide(packaged: Pair) -> None:
    put(packaged.clone, "var/lib/dpkg/status", b"Package: tool\nStat")
    put(packaged.booted, "usr/bin/tool", b"upgraded\n")
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    put(packaged.booted, "etc/hosts", b"second\n")
    (packaged.booted / "srv/3").unlink()
    told = packaged.json("sync", ok=2)
    assert "torn" in told["warnings"][0]
    assert packaged.report("nonvolatile") == [b"/srv/3", b"/usr/bin/tool"]
    assert packaged.report("volatile") == [b"/etc/tool.conf"]
    assert (packaged.clone / "etc/hosts").read_bytes() == b"second\n"
    assert (packaged.clone / "srv/3").exists()


@pytest.mark.parametrize("manager", ["dpkg", "rpm"])
def test_a_database_that_was_asked_for_and_is_not_there_stops_the_run(
    filled: Pair, manager: str
) -> None:
    filled.configure(packages=manager)
    put(filled.booted, "etc/hosts", b"second\n")
    assert f"there is no {manager} database" in filled.run("sync", ok=1).stderr.decode()


def test_a_system_without_packages_is_told_so(filled: Pair) -> None:
    filled.configure(packages="auto")
    put(filled.booted, "etc/hosts", b"second\n")
    assert "no package database" in notes(filled, "sync")
    assert filled.differences() == []
    filled.log.unlink()
    filled.configure(packages="none")
    assert "no package database" not in notes(filled, "preview")


def accounts(root: Path, *users: str) -> None:
    lines = ["root:x:0:0::/root:/bin/sh", *users]
    put(root, "etc/passwd", "".join(f"{line}\n" for line in lines).encode())
    put(root, "etc/shadow", "".join(f"{line.split(':')[0]}:*::::::\n" for line in lines).encode())


def test_users_added_on_both_sides_are_reported_and_explained(packaged: Pair) -> None:
    for root in (packaged.booted, packaged.clone):
        accounts(root)
    packaged.sync()
    accounts(packaged.booted, "dora:x:1000:1000::/home/dora:/bin/sh")
    accounts(packaged.clone, "daemon:x:100:100::/:/bin/false")
    packaged.sync()
    assert packaged.report("target_changed") == [b"/etc/passwd", b"/etc/shadow"]
    assert b"daemon" in (packaged.clone / "etc/passwd").read_bytes()
    told = packaged.json("explain", "/etc/passwd")
    assert "useradd --root" in told["would_change"]


def test_a_set_that_is_kept_together_stays_when_a_package_holds_a_member(packaged: Pair) -> None:
    packaged.configure(kept_together=[["/etc/tool.conf", "/etc/hosts"]])
    upgraded_tool(packaged)
    put(packaged.booted, "etc/tool.conf", b"changed here\n")
    put(packaged.booted, "etc/hosts", b"second\n")
    packaged.sync()
    assert packaged.report("volatile") == [b"/etc/tool.conf"]
    assert packaged.report("target_changed") == [b"/etc/hosts"]
