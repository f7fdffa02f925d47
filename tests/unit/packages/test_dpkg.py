"""dpkg's database, written by hand: who owns what, and when it cannot be relied on."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import cast

import pytest
from integration.lab.dpkg_root import ONE, TWO, DpkgRoot, locked

from drdwrap.packages import dpkg
from drdwrap.packages.database import Packages, Template, UnreadableError


class Root(DpkgRoot):
    """The same, and read."""

    def read(self, *paths: str) -> Packages:
        return dpkg.begin(os.fsencode(self.path), [os.fsencode(p) for p in paths], b"")()

    def owners(self, *paths: str) -> dict[str, str]:
        return {os.fsdecode(p): name for p, name in self.read(*paths).owners.items()}

    def templates(self) -> dict[str, Template]:
        return {os.fsdecode(p): t for p, t in self.read().templates.items()}


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return cast(Root, Root.make(tmp_path / "root"))


def test_an_installed_package_owns_its_files_and_nothing_else(root: Root) -> None:
    root.package("hello", "/usr/bin/hello", "/usr/share/hello/with space")
    assert root.owners("usr/bin/hello", "usr/share/hello/with space", "usr/bin/other") == {
        "usr/bin/hello": "hello 1.0",
        "usr/share/hello/with space": "hello 1.0",
    }
    assert root.read().installed == {("hello:amd64", "1.0")}


def test_a_directory_is_told_from_a_file(root: Root) -> None:
    root.package("hello", "/usr/share/hello/file")
    answer = root.read("usr/share/hello", "usr/share/hello/file")
    assert answer.directories == {b"usr/share/hello"}
    assert answer.owner_of_file(b"usr/share/hello") == ""
    assert answer.owners[b"usr/share/hello"] == "hello 1.0"


@pytest.mark.parametrize("state", ["deinstall ok config-files", "purge ok not-installed"])
def test_a_removed_package_owns_nothing(root: Root, state: str) -> None:
    root.package("gone", "/etc/gone", state=state, conffiles=(f"/etc/gone {ONE}",))
    answer = root.read("etc/gone")
    assert answer.owners == {}
    assert answer.installed == frozenset()
    template = answer.templates[b"etc/gone"]
    assert (template.digest, template.installed) == (ONE, False)


@pytest.mark.parametrize("state", ["unpacked", "half-configured", "triggers-pending"])
def test_one_that_is_not_quite_installed_owns_its_files(root: Root, state: str) -> None:
    root.package("hello", "/usr/bin/hello", state=f"install ok {state}")
    assert root.owners("usr/bin/hello") == {"usr/bin/hello": "hello 1.0"}


def test_packages_of_several_architectures_have_lists_of_their_own(root: Root) -> None:
    root.package("lib", "/usr/lib/a/lib.so", listed_as="lib:amd64")
    root.package("lib", "/usr/lib/b/lib.so", listed_as="lib:i386", architecture="i386")
    assert set(root.owners("usr/lib/a/lib.so", "usr/lib/b/lib.so")) == {
        "usr/lib/a/lib.so",
        "usr/lib/b/lib.so",
    }
    assert root.read().installed == {("lib:amd64", "1.0"), ("lib:i386", "1.0")}


def test_names_lead_through_directories_that_are_links_here(root: Root) -> None:
    (root.path / "usr/lib/deep").mkdir(parents=True)
    (root.path / "usr/bin").mkdir()
    (root.path / "bin").symlink_to("usr/bin")
    (root.path / "lib").symlink_to("/usr/lib")
    (root.path / "usr/lib/also").symlink_to("../lib/./deep")
    (root.path / "usr/lib/round").symlink_to("around")
    (root.path / "usr/lib/around").symlink_to("round")
    (root.path / "top").symlink_to("..")
    root.package("old", "/bin/ls", "/lib/also/file", "/lib/round/lost", "/top/at-the-top")
    root.package("new", "/usr/bin/cat")
    asked = ("usr/bin/ls", "usr/bin/cat", "usr/lib/deep/file", "at-the-top")
    assert root.owners(*asked) == {
        "at-the-top": "old 1.0",
        "usr/bin/ls": "old 1.0",
        "usr/bin/cat": "new 1.0",
        "usr/lib/deep/file": "old 1.0",
    }


def test_a_diverted_file_is_where_the_diversion_says(root: Root) -> None:
    (root.path / "usr/bin").mkdir(parents=True)
    (root.path / "bin").symlink_to("usr/bin")
    root.package("dash", "/bin/sh")
    root.package("bash", "/bin/sh")
    root.package("mine", "/usr/bin/tool")
    root.write(
        "var/lib/dpkg/diversions",
        "/bin/sh\n/bin/sh.distrib\nbash\n/usr/bin/tool\n/usr/bin/tool.real\n:\n",
    )
    assert root.owners("usr/bin/sh", "usr/bin/sh.distrib", "usr/bin/tool", "usr/bin/tool.real") == {
        "usr/bin/sh": "bash 1.0",
        "usr/bin/sh.distrib": "dash 1.0",
        "usr/bin/tool.real": "mine 1.0",
    }


def test_configuration_files_have_the_digest_that_was_shipped(root: Root) -> None:
    root.package(
        "daemon",
        "/etc/daemon/a",
        "/etc/daemon/with space",
        conffiles=(
            f"/etc/daemon/a {ONE}",
            f"/etc/daemon/with space {TWO}",
            f"/etc/daemon/old {ONE} obsolete",
            "/etc/daemon/new newconffile",
            "/etc/daemon/going newconffile remove-on-upgrade",
        ),
    )
    assert root.templates() == {
        "etc/daemon/a": Template("daemon 1.0", ONE),
        "etc/daemon/with space": Template("daemon 1.0", TWO),
        "etc/daemon/old": Template("daemon 1.0", ONE),
        "etc/daemon/new": Template("daemon 1.0", ""),
        "etc/daemon/going": Template("daemon 1.0", ""),
    }


def test_what_a_package_no_longer_ships_yields_to_the_one_that_does(root: Root) -> None:
    root.package("a-old", conffiles=(f"/etc/shared {ONE} obsolete",))
    root.package("b-new", "/etc/shared", conffiles=(f"/etc/shared {TWO}",))
    assert root.templates() == {"etc/shared": Template("b-new 1.0", TWO)}


def test_two_that_ship_the_same_file_differently_are_both_named(root: Root) -> None:
    root.package("a", conffiles=(f"/etc/shared {TWO}",))
    root.package("b", conffiles=(f"/etc/shared {ONE}",))
    assert root.templates() == {"etc/shared": Template("a 1.0, b 1.0", f"{ONE} and {TWO}")}


def test_files_registered_with_ucf_are_configuration(root: Root) -> None:
    root.package("daemon")
    root.write("var/lib/ucf/registry", "daemon \t /etc/daemon.conf\ndaemon\t/etc/undigested\n")
    root.write("var/lib/ucf/hashfile", f"{ONE}  /etc/daemon.conf\n{TWO}  /etc/unregistered\n")
    assert root.templates() == {
        "etc/daemon.conf": Template("daemon (by ucf)", ONE),
        "etc/undigested": Template("daemon (by ucf)", ""),
        "etc/unregistered": Template("an unnamed package (by ucf)", TWO),
    }


def test_a_carriage_return_in_a_path_ends_no_line(root: Root) -> None:
    """Neither of a diversion, nor of ucf's registry, nor of a conffile."""
    root.package("odd", "/usr/bin/a\rb", conffiles=(f"/etc/a\rb.conf {TWO}",))
    root.write("var/lib/dpkg/diversions", "/usr/bin/a\rb\n/usr/bin/a\rb.real\nother\n")
    root.write("var/lib/ucf/registry", "odd \t /etc/c\rd\x0be.conf\n")
    root.write("var/lib/ucf/hashfile", f"{ONE}  /etc/c\rd\x0be.conf\n")
    assert root.read("usr/bin/a\rb.real").owners.keys() == {b"usr/bin/a\rb.real"}
    assert root.templates() == {
        "etc/a\rb.conf": Template("odd 1.0", TWO),
        "etc/c\rd\x0be.conf": Template("odd (by ucf)", ONE),
    }


@pytest.mark.parametrize(
    "name",
    ["dpkg/status", "dpkg/diversions", "dpkg/info/hello.list", "ucf/registry", "ucf/hashfile"],
)
def test_a_huge_file_is_not_read(root: Root, name: str) -> None:
    root.package("hello", "/usr/bin/hello")
    path = root.path / "var/lib" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(1 << 30)
    problem = rf"^dpkg's database cannot be read: {path.name}: larger than 64 MiB$"
    with pytest.raises(UnreadableError, match=problem):
        root.read("usr/bin/hello")


def test_links_that_update_alternatives_keeps(root: Root) -> None:
    root.write(
        "var/lib/dpkg/alternatives/editor",
        "auto\n/usr/bin/editor\neditor.1.gz\n/usr/share/man/man1/editor.1.gz\n\n/bin/nano\n40\n\n",
    )
    assert root.read().written == {b"usr/bin/editor", b"usr/share/man/man1/editor.1.gz"}


def test_what_was_noted_since_the_status_file_was_written_counts(root: Root) -> None:
    root.package("hello", "/usr/bin/hello")
    root.write(
        "var/lib/dpkg/updates/0001",
        "Package: hello\nStatus: install ok unpacked\nArchitecture: amd64\nVersion: 2.0\n",
    )
    root.write("var/lib/dpkg/updates/tmp.i", "Package: half")
    assert root.read().installed == {("hello:amd64", "2.0")}


TORN = {
    "cut within a line": "Package: a\nStatus: install ok installed\nVersi",
    "cut within a stanza": "Package: a\nStatus: install ok installed\n",
    "no status": "Package: a\nVersion: 1\n\n",
    "no package": "Status: install ok installed\nVersion: 1\n\n",
    "zeros": "\0" * 500,
}


@pytest.mark.parametrize("text", TORN.values(), ids=TORN.keys())
def test_a_torn_status_file_is_not_relied_on(root: Root, text: str) -> None:
    root.write("var/lib/dpkg/status", text)
    with pytest.raises(UnreadableError, match="torn"):
        root.read()


def test_a_status_file_cut_between_stanzas_is_not_relied_on(root: Root) -> None:
    root.package("a")
    root.package("b")
    status = (root.path / "var/lib/dpkg/status").read_text()
    root.write("var/lib/dpkg/status", status[: status.index("Package: b")].rstrip("\n") + "\n")
    with pytest.raises(UnreadableError, match="torn: it does not know b"):
        root.read()


def test_a_list_that_the_status_file_has_forgotten_still_says_whose_files_those_are(
    root: Root,
) -> None:
    root.package("a")
    root.write("var/lib/dpkg/info/stray.list", "/.\n/usr\n/usr/bin\n/usr/bin/stray\n")
    assert root.owners("usr/bin/stray") == {"usr/bin/stray": "stray ?"}


def test_an_installed_package_without_a_list_is_named_with_the_remedy(root: Root) -> None:
    root.package("hello")
    (root.path / "var/lib/dpkg/info/hello.list").unlink()
    with pytest.raises(UnreadableError, match="--reinstall hello"):
        root.read()


def test_a_missing_status_file_is_not_relied_on(root: Root) -> None:
    (root.path / "var/lib/dpkg/status").unlink()
    assert dpkg.is_present(os.fsencode(root.path))
    with pytest.raises(UnreadableError, match="No such file"):
        root.read()


def test_odd_diversions_are_not_relied_on(root: Root) -> None:
    root.write("var/lib/dpkg/diversions", "/bin/sh\n/bin/sh.distrib\n")
    with pytest.raises(UnreadableError, match="diversions"):
        root.read()


def test_a_root_without_dpkg_has_none(tmp_path: Path) -> None:
    assert not dpkg.is_present(os.fsencode(tmp_path))


@pytest.mark.parametrize("name", ["lock", "lock-frontend"])
def test_who_holds_the_lock_is_named_and_it_is_left_alone(root: Root, name: str) -> None:
    """apt keeps the second one all the while, and the first between two runs of dpkg."""
    root.package("hello", "/usr/bin/hello")
    lock = root.path / "var/lib/dpkg" / name
    with locked(lock) as pid:
        assert root.read("usr/bin/hello").busy == f"process {pid} (dpkg, or apt)"
    assert root.read().busy == ""
    with lock.open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody has kept it


def test_a_package_that_is_being_unpacked_makes_the_database_unreliable(root: Root) -> None:
    root.package("hello", "/usr/bin/hello", state="install reinstreq half-installed")
    assert root.read("usr/bin/hello").busy == ""  # left so by a kill: nobody is at work
    with (
        locked(root.path / "var/lib/dpkg/lock") as pid,
        pytest.raises(UnreadableError, match=f"process {pid}.*unpacking hello"),
    ):
        root.read()


def test_who_has_a_directory_is_told_for_all_above_a_path(root: Root) -> None:
    (root.path / "usr/lib").mkdir(parents=True)
    (root.path / "lib").symlink_to("usr/lib")
    root.package("one", "/etc/one/conf.d", "/lib/one/file")
    root.package("two", "/etc/one/conf.d/two", architecture="all")
    holders = root.read("etc/one/conf.d/x/mine", "usr/lib/one/mine", "srv/mine").holders
    assert {path: list(names) for path, names in holders.items()} == {
        b"etc": ["one:amd64", "two:all"],
        b"etc/one": ["one:amd64", "two:all"],
        b"etc/one/conf.d": ["one:amd64", "two:all"],
        b"usr/lib": ["one:amd64"],
        b"usr/lib/one": ["one:amd64"],
    }


def test_a_removed_package_has_what_it_left(root: Root) -> None:
    state = "deinstall ok config-files"
    root.package("gone", "/etc/gone/x.conf", state=state, conffiles=(f"/etc/gone/x.conf {ONE}",))
    answer = root.read("etc/gone/x.conf", "etc/gone/mine")
    assert answer.removed == {"gone:amd64"}
    assert answer.holders[b"etc/gone"] == ["gone:amd64"]
    assert answer.holders[b"etc/gone/x.conf"] == ["gone:amd64"]
    assert answer.owners == {}


def test_what_one_root_has_and_another_has_not(root: Root, tmp_path: Path) -> None:
    other = cast(Root, Root.make(tmp_path / "other"))
    removed = "deinstall ok config-files"
    for name, here, there in (
        ("same", "install ok installed", "install ok installed"),
        ("installed", "install ok installed", ""),
        ("removed-there", "install ok installed", removed),
        ("purged-there", removed, ""),
        ("removed-on-both", removed, removed),
    ):
        root.package(name, state=here)
        if there:
            other.package(name, state=there, version="2.0")
    missing = root.read().missing_in(other.read())
    assert missing == {"installed:amd64", "removed-there:amd64", "purged-there:amd64"}
    assert other.read().missing_in(root.read()) == frozenset()


def test_scripts_and_files_are_read_of_those_that_are_asked_for(root: Root) -> None:
    root.package("one", "/usr/bin/one")
    root.package("two", "/usr/bin/two", listed_as="two:amd64")
    root.write("var/lib/dpkg/info/one.postinst", "first")
    root.write("var/lib/dpkg/info/two:amd64.preinst", "second")
    root.write("var/lib/dpkg/info/two:amd64.postrm", "third")
    at = os.fsencode(root.path)
    assert dict(dpkg.scripts(at, {"two:amd64"}, b"")) == {"two:amd64": b"second\nthird"}
    files = dict(dpkg.files(at, {"one:amd64", "none:amd64"}, b""))
    assert b"/usr/bin/one" in files["one:amd64"]
    assert files.keys() == {"one:amd64"}
