"""Packages that one side has not: nothing of theirs is carried over, in neither direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab.dpkg_root import DpkgRoot
from .lab.files import LONG_AGO, put
from .lab.installed import INFO, Package, erase
from .lab.pair import Pair
from .lab.snapshot import Tree, snapshot

WANTS = "etc/systemd/system/multi-user.target.wants"
HELPER = "var/lib/systemd/deb-systemd-helper-enabled"


def daemon(name: str) -> Package:
    """A package with a service, and what Debian's scripts leave to enable it."""
    return Package(
        name,
        files=[f"usr/sbin/{name}", f"usr/lib/systemd/system/{name}.service", f"opt/{name}/a"],
        conffiles=[f"etc/{name}/{name}.conf", f"etc/init.d/{name}", f"etc/default/{name}"],
        directories=[f"var/lib/{name}"],
        left={
            f"{WANTS}/{name}.service": f"->/lib/systemd/system/{name}.service",
            f"etc/rc2.d/S01{name}": f"->../init.d/{name}",
            f"{HELPER}/{name}.service.dsh-also": f"/{WANTS}/{name}.service\n",
            f"{HELPER}/multi-user.target.wants/{name}.service": "",
            f"etc/{name}/generated/passwords": "secret\n",
            f"var/lib/{name}/data/queue": "7 messages\n",
        },
    )


BASE = Package(
    "base-files",
    directories=[
        *("etc", "etc/init.d", "etc/default", "usr/sbin", "usr/lib/systemd/system", "opt"),
        *("var/lib", "var/log", "var/spool", "srv", "var/cache"),
    ],
)
SYSTEMD = Package("systemd", directories=[WANTS, "etc/rc2.d", HELPER])
COMMON = daemon("cron")
ONE, OTHER = daemon("exim4"), daemon("postfix")


@pytest.fixture
def packaged(pair: Pair) -> Pair:
    """A system with a base, cron and exim4, and its clone."""
    pair.configure(packages="auto")
    DpkgRoot.make(pair.booted)
    (pair.booted / "usr/lib").mkdir(parents=True)
    (pair.booted / "lib").symlink_to("usr/lib")
    for package in (BASE, SYSTEMD, COMMON, ONE):
        package.install(pair.booted)
    put(pair.booted, "etc/hosts", b"first\n")
    for number in range(60):
        put(pair.booted, f"srv/{number}", b"")
    pair.clone_fill()
    return pair


def of(root: Path, *names: str) -> Tree:
    """All of the root that bears one of these names, in its own name or a directory's."""
    return {
        path: entry
        for path, entry in snapshot(root).items()
        if any(name.encode() in path for name in names) and not path.startswith(b"var/lib/dpkg")
    }


def test_a_purge_on_the_booted_system_takes_nothing_from_the_clone(packaged: Pair) -> None:
    before = of(packaged.clone, "exim4")
    assert len(before) > 15
    ONE.purge(packaged.booted)
    (packaged.booted / "srv/3").unlink()
    for _ in range(2):
        counts = packaged.sync()
        assert of(packaged.clone, "exim4") == before
        assert packaged.report("erased") == ([b"/srv/3"] if counts["deleted"] else [])
    assert not (packaged.clone / "srv/3").exists()
    held = set(packaged.report("nonvolatile"))
    for name in (*ONE.left, "etc/exim4", "etc/exim4/exim4.conf", "var/lib/exim4/data"):
        assert b"/" + name.encode() in held
    assert packaged.report("target_changed") == []


def test_a_purge_on_the_clone_is_not_undone(packaged: Pair) -> None:
    ONE.purge(packaged.clone)
    put(packaged.booted, "var/lib/exim4/data/queue", b"8 messages\n")
    put(packaged.booted, "etc/exim4/mine", b"of the administrator\n")
    for _ in range(2):
        packaged.sync()
        assert of(packaged.clone, "exim4") == {}
    held = set(packaged.report("nonvolatile")) | set(packaged.report("volatile"))
    assert held == {b"/" + path for path in of(packaged.booted, "exim4")}


def test_a_package_that_is_new_on_the_booted_system_stays_there(packaged: Pair) -> None:
    OTHER.install(packaged.booted)
    put(packaged.booted, "etc/hosts", b"second\n")
    before = snapshot(packaged.clone)
    packaged.sync()
    assert of(packaged.clone, "postfix") == {}
    changed = snapshot(packaged.clone).items() ^ before.items()
    assert {path for path, _ in changed if not path.startswith(b"var/lib/dpkg")} == {b"etc/hosts"}


MAIL = Package(
    "mail", files=["usr/sbin/postalias"], left={"etc/aliases.db": "a\n", "etc/aliases": "a: b\n"}
)
SHELL = Package("fish", files=["usr/bin/fish"])


def shells(root: Path, *names: str) -> None:
    """What update-shells(8) writes."""
    for file in ("etc/shells", "var/lib/shells.state"):
        put(root, file, "".join(f"/bin/{name}\n" for name in names).encode())


def test_what_programs_of_a_package_write_beside_others_files_stays_with_it(packaged: Pair) -> None:
    """On the side that has it, when it comes and when it goes."""
    (packaged.booted / "bin").symlink_to("usr/bin")
    (packaged.clone / "bin").symlink_to("usr/bin")
    shells(packaged.booted, "sh")
    packaged.sync()
    assert (packaged.clone / "etc/shells").exists()
    MAIL.install(packaged.booted)
    SHELL.install(packaged.booted)
    shells(packaged.booted, "sh", "fish")
    before = snapshot(packaged.clone)
    for _ in range(2):
        packaged.sync()
        changed = snapshot(packaged.clone).items() ^ before.items()
        paths = {path for path, _ in changed if not path.startswith(b"var/lib/dpkg")}
        assert paths == {b"etc/aliases"}, "which the administrator writes"
    held = set(packaged.report("nonvolatile"))
    assert {b"/etc/aliases.db", b"/etc/shells", b"/var/lib/shells.state"} <= held
    told = packaged.json("explain", "/etc/shells")["reason"]
    assert "it is for /usr/bin/fish, which belongs to fish" in told
    assert "only the booted system has installed" in told
    packaged.run("clone", "--overwrite")
    SHELL.purge(packaged.booted)
    MAIL.purge(packaged.booted)
    shells(packaged.booted, "sh")
    before = snapshot(packaged.clone)
    assert packaged.sync()["deleted"] == 1, "/etc/aliases"
    kept = (b"etc/aliases.db", b"etc/shells", b"var/lib/shells.state")
    assert {path: snapshot(packaged.clone)[path] for path in kept} == {
        path: before[path] for path in kept
    }


def test_a_shell_that_the_administrator_adds_is_carried_over(packaged: Pair) -> None:
    """Also while the packages of the two sides differ."""
    shells(packaged.booted, "sh")
    MAIL.install(packaged.booted)
    packaged.sync()
    shells(packaged.booted, "sh", "own")
    packaged.sync()
    assert (packaged.clone / "etc/shells").read_bytes() == b"/bin/sh\n/bin/own\n"


def test_the_same_package_on_both_sides_is_as_it_was(packaged: Pair) -> None:
    ONE.purge(packaged.booted)
    (packaged.booted / WANTS / "cron.service").unlink()
    put(packaged.booted, "var/lib/cron/data/queue", b"changed\n")
    put(packaged.booted, "etc/cron/cron.conf", b"changed\n")
    (packaged.booted / "var/lib/cron/data").chmod(0o700)
    packaged.sync()
    assert (packaged.clone / "var/lib/cron/data/queue").read_bytes() == b"changed\n"
    assert (packaged.clone / "etc/cron/cron.conf").read_bytes() == b"changed\n"
    assert (packaged.clone / "var/lib/cron/data").stat().st_mode & 0o777 == 0o700
    # Packages of the two sides differ: what enables the services of any is each side's own.
    assert f"/{WANTS}/cron.service".encode() in packaged.report("nonvolatile")


def test_what_both_sides_have_is_no_ones_whatever_the_packages_are_called(
    packaged: Pair,
) -> None:
    """A database server whose package has another name in every version."""
    data = "var/lib/mysql"
    old = Package("mariadb-server-10.11", files=["usr/sbin/mariadbd"], directories=[data])
    new = Package("mariadb-server-11.8", files=["usr/sbin/mariadbd"], directories=[data])
    old.install(packaged.booted)
    new.install(packaged.clone)
    put(packaged.booted, f"{data}/app/orders.ibd", b"1\n")
    packaged.sync()
    assert (packaged.clone / data / "app/orders.ibd").read_bytes() == b"1\n"
    put(packaged.booted, f"{data}/app/orders.ibd", b"2\n")
    put(packaged.booted, f"{data}/app/customers.ibd", b"1\n")
    packaged.sync()
    assert (packaged.clone / data / "app/orders.ibd").read_bytes() == b"2\n"
    (packaged.booted / data / "app/orders.ibd").unlink()
    packaged.sync()
    assert not (packaged.clone / data / "app/orders.ibd").exists()


def test_a_directory_of_one_package_may_have_one_of_a_common_package_in_it(
    packaged: Pair,
) -> None:
    plugins = "usr/share/exim4/plugins"
    Package("exim4-extra", directories=["usr/share/exim4"]).install(packaged.booted)
    for root in (packaged.booted, packaged.clone):
        DpkgRoot(root).package("plugin-tool", f"/{plugins}")
        info = root / INFO / "plugin-tool.list"
        info.write_text(info.read_text().replace("/usr/share/exim4\n", ""))  # as rpm's packages
        (root / plugins).mkdir(parents=True, exist_ok=True)
    put(packaged.booted, f"{plugins}/mine", b"carried over\n")
    put(packaged.booted, "usr/share/exim4/other", b"not carried over\n")
    packaged.sync()
    assert (packaged.clone / plugins / "mine").exists()
    assert packaged.report("nonvolatile") == [b"/usr/share/exim4/other"]


def test_a_package_of_one_side_that_shares_a_directory_with_a_common_one(packaged: Pair) -> None:
    """What is in the directory is still anybody's."""
    Package("exim4-extra", files=["etc/cron/extra"]).install(packaged.booted)
    put(packaged.booted, "etc/cron/mine", b"carried over\n")
    packaged.sync()
    assert (packaged.clone / "etc/cron/mine").exists()
    assert packaged.report("nonvolatile") == [b"/etc/cron/extra"]


def test_what_is_linked_into_such_a_package_is_not_carried_over(packaged: Pair) -> None:
    OTHER.install(packaged.booted)
    booted = packaged.booted
    units = booted / "etc/systemd/system"
    (booted / "usr/local/bin").mkdir(parents=True)
    (booted / "usr/local/bin/mta").symlink_to("../../sbin/postfix")
    (units / "mail.service").symlink_to("/lib/systemd/system/postfix.service")
    (booted / "srv/queue").symlink_to("/var/lib/postfix/data")
    (booted / "srv/loop").symlink_to("loop")
    (booted / "srv/up").symlink_to("..")
    put(booted, "etc/systemd/system/mine.service", b"[Service]\n")
    (booted / WANTS / "mine.service").symlink_to("../mine.service")
    packaged.sync()
    held = set(packaged.report("nonvolatile"))
    away = {"usr/local/bin/mta", "etc/systemd/system/mail.service", "srv/queue"}
    assert {b"/" + name.encode() for name in away} <= held
    for name in away:
        assert not (packaged.clone / name).is_symlink()
    for name in (f"{WANTS}/mine.service", "srv/loop", "srv/up"):
        assert (packaged.clone / name).is_symlink()
    told = packaged.json("explain", "/usr/local/bin/mta")
    assert told["reason"] == (
        "it is for /usr/sbin/postfix, which belongs to postfix:amd64 1.0, which only the booted"
        " system has installed"
    )


def test_a_service_that_a_removed_package_has_masked_is_not_masked_on_the_clone(
    packaged: Pair,
) -> None:
    """Debian's scripts do that, so that nothing starts what is half gone."""
    ONE.remove(packaged.booted)
    system = packaged.booted / "etc/systemd/system"
    (system / "exim4.service").symlink_to("/dev/null")
    (system / "cron.service").symlink_to("/dev/null")  # the administrator's
    packaged.sync()
    assert not (packaged.clone / "etc/systemd/system/exim4.service").is_symlink()
    assert (packaged.clone / "etc/systemd/system/cron.service").is_symlink()
    assert b"/etc/systemd/system/exim4.service" in packaged.report("nonvolatile")


def test_what_the_administrator_put_elsewhere_is_carried_over(packaged: Pair) -> None:
    OTHER.install(packaged.booted)
    ONE.purge(packaged.booted)
    override = "etc/systemd/system/postfix.service.d/override.conf"
    for name in (override, "etc/default/mine", "usr/local/sbin/postfix-report", "root/exim4.txt"):
        put(packaged.booted, name, b"mine\n")
    packaged.sync()
    for name in (override, "etc/default/mine", "usr/local/sbin/postfix-report", "root/exim4.txt"):
        assert (packaged.clone / name).read_bytes() == b"mine\n"


@pytest.mark.parametrize("purged", ["booted", "clone"])
def test_a_package_removed_on_one_side_and_purged_on_the_other(packaged: Pair, purged: str) -> None:
    one, other = packaged.booted, packaged.clone
    if purged == "booted":
        one, other = other, one
    ONE.remove(one)
    ONE.purge(other)
    before = of(packaged.clone, "exim4")
    assert len(before) in ((0,) if purged == "clone" else range(10, 20))
    packaged.sync()
    assert of(packaged.clone, "exim4") == before
    side = "booted system" if purged == "clone" else "clone"
    reason = packaged.json("explain", "/etc/exim4/exim4.conf")["reason"]
    assert f"exim4:amd64, which is removed on the {side} and purged on the" in reason
    reason = packaged.json("explain", "/etc/default/exim4")["reason"]
    assert f"exim4:amd64, which is removed on the {side} and purged on the" in reason


def test_what_a_package_has_left_on_both_sides_is_the_administrators(packaged: Pair) -> None:
    for root in (packaged.booted, packaged.clone):
        ONE.remove(root)
    packaged.sync()
    put(packaged.booted, "etc/exim4/exim4.conf", b"kept for later\n")
    (packaged.booted / "etc/default/exim4").unlink()
    (packaged.clone / "etc/exim4/generated/passwords").unlink()
    packaged.sync()
    assert (packaged.clone / "etc/exim4/exim4.conf").read_bytes() == b"kept for later\n"
    assert not (packaged.clone / "etc/default/exim4").exists()
    assert (packaged.clone / "etc/exim4/generated/passwords").exists()


@pytest.mark.parametrize("removed", ["booted", "clone"])
def test_a_package_removed_on_one_side_is_installed_on_one_side(
    packaged: Pair, removed: str
) -> None:
    ONE.remove(packaged.booted if removed == "booted" else packaged.clone)
    put(packaged.booted, "etc/exim4/exim4.conf", b"changed\n")
    put(packaged.booted, "etc/default/exim4", b"changed\n")
    put(packaged.booted, "etc/exim4/mine", b"new\n")
    before = of(packaged.clone, "exim4")
    packaged.sync()
    assert of(packaged.clone, "exim4") == before
    assert b"/etc/default/exim4" in packaged.report("nonvolatile")


POSTINST = """
mkdir -p /var/spool/exim4/input "$DPKG_ROOT/var/log/exim4"
test -e /etc/mailname || hostname > /etc/mailname
"""


def with_scripts(name: str, postinst: str, units: str = "") -> Package:
    return Package(
        name,
        files=[f"usr/sbin/{name}", *([f"usr/lib/systemd/system/{name}.service"] if units else [])],
        scripts={"postinst": postinst, "postrm": "userdel mail-user\n"},
    )


def test_directories_that_scripts_make_belong_to_the_package(packaged: Pair) -> None:
    mta = with_scripts("mta", POSTINST)
    for root in (packaged.booted, packaged.clone):
        mta.install(root)
    for name in ("var/spool/exim4/input/1", "var/log/exim4/mainlog", "etc/mailname"):
        put(packaged.booted, name, b"here\n")
    packaged.sync()
    before = of(packaged.clone, "spool", "log/exim4", "mailname")
    mta.purge(packaged.booted)
    erase(packaged.booted, "var/spool/exim4", "var/log/exim4")
    (packaged.booted / "etc/mailname").unlink()
    packaged.sync()
    assert of(packaged.clone, "spool", "log/exim4", "mailname") == before
    reason = packaged.json("explain", "/var/spool/exim4/input/1")["reason"]
    assert "in /var/spool/exim4/input, which belongs to mta:amd64 1.0" in reason
    # The administrator makes one of his own: that is no news of the package's.
    put(packaged.booted, "etc/mailname", b"there\n")
    (packaged.clone / "etc/mailname").unlink()
    packaged.sync()
    assert (packaged.clone / "etc/mailname").read_bytes() == b"there\n"


def test_directories_that_units_and_tmpfiles_declare_belong_to_the_package(
    packaged: Pair,
) -> None:
    unit, tmpfiles = "usr/lib/systemd/system/mta.service", "usr/lib/tmpfiles.d/mta.conf"
    mta = Package("mta", files=["usr/sbin/mta", unit, tmpfiles])
    mta.install(packaged.booted)
    put(packaged.booted, unit, b"[Service]\nStateDirectory=mta mta-more/deep\n")
    put(packaged.booted, tmpfiles, b"d /var/log/mta 0750 root adm -\n")
    for name in ("lib/mta", "lib/mta-more/deep", "log/mta", "lib/mta-data", "lib/mta-more"):
        put(packaged.booted, f"var/{name}/file", b"content\n")
    packaged.sync()
    arrived = {path.rpartition(b"/")[0] for path in of(packaged.clone, "mta") if b"file" in path}
    assert arrived == {b"var/lib/mta-data", b"var/lib/mta-more"}


def test_a_directory_that_scripts_of_common_packages_name_too_is_shared(packaged: Pair) -> None:
    for root in (packaged.booted, packaged.clone):
        with_scripts("queue-server", "mkdir -p /var/lib/queue").install(root)
    with_scripts("queue-sentinel", "test -d /var/lib/queue").install(packaged.booted)
    put(packaged.booted, "var/lib/queue/data", b"carried over\n")
    packaged.sync()
    assert (packaged.clone / "var/lib/queue/data").exists()


def test_a_purge_does_not_take_an_account_that_the_clone_needs(packaged: Pair) -> None:
    mta = with_scripts("mta", "adduser --system mail-user\n")
    root = b"root:x:0:0::/root:/bin/sh\n"
    for side in (packaged.booted, packaged.clone):
        mta.install(side)
    user = b"mail-user:x:105:105::/:/bin/false\n"
    put(packaged.booted, "etc/passwd", root + user + b"ann:x:1000:1000:::\n")
    put(packaged.booted, "etc/shadow", b"root:*::::::\n")
    packaged.sync()
    mta.purge(packaged.booted)
    put(packaged.booted, "etc/passwd", root)
    put(packaged.booted, "etc/shadow", b"root:new:::::\n")
    packaged.sync()
    assert b"mail-user" in (packaged.clone / "etc/passwd").read_bytes()
    assert packaged.report("target_changed") == [b"/etc/shadow"]
    reason = packaged.json("explain", "/etc/passwd")["reason"]
    assert "the account mail-user from the clone, which mta:amd64 needs there" in reason
    put(packaged.booted, "etc/passwd", root + user)
    packaged.sync()
    assert (packaged.clone / "etc/passwd").read_bytes() == root + user
    assert (packaged.clone / "etc/shadow").read_bytes() == b"root:new:::::\n"


def test_a_preview_warns_of_data_that_stays_on_one_side(packaged: Pair) -> None:
    OTHER.install(packaged.booted)
    put(packaged.booted, "var/lib/postfix/data/queue", b"x" * 12345)
    ONE.purge(packaged.booted)
    warnings = packaged.json("preview", ok=2)["warnings"]
    assert warnings == [
        "12,352 bytes of data of packages that only the booted system has are not copied:"
        " /var/lib/postfix (12,345 bytes, of postfix:amd64 1.0), /etc/postfix (7 bytes, of"
        " postfix:amd64 1.0)",
        "18 bytes of data of packages that only the clone has stay there: /var/lib/exim4"
        " (11 bytes, of exim4:amd64 1.0), /etc/exim4 (7 bytes, of exim4:amd64 1.0)",
    ]
    assert packaged.json("sync")["warnings"] == []
    assert warnings[0] in packaged.log.read_text()


def test_a_torn_database_of_the_clone_does_not_undo_its_purge(packaged: Pair) -> None:
    ONE.purge(packaged.clone)
    put(packaged.clone, "var/lib/dpkg/status", b"Package: tool\nStat")
    put(packaged.booted, "etc/cron/cron.conf", b"changed\n")
    (packaged.clone / "var/lib/cron/data/queue").unlink()
    put(packaged.booted, "etc/hosts", b"second\n")
    packaged.sync(ok=2)
    for name in ("etc/exim4", "var/lib/exim4", "opt/exim4"):
        assert not (packaged.clone / name).exists()
    assert (packaged.clone / "etc/hosts").read_bytes() == b"second\n"
    # The directory is there: whoever erased the file asked for it.
    assert (packaged.clone / "var/lib/cron/data/queue").exists()


def test_a_diverted_file_is_the_package_of_that_place(packaged: Pair) -> None:
    """exim4 has taken the place of cron's program, which is beside it: on one side."""
    for root in (packaged.booted, packaged.clone):
        put(root, "usr/sbin/cron.distrib", b"cron's\n", mtime_ns=LONG_AGO)
        put(root, "var/lib/dpkg/diversions", b"/usr/sbin/cron\n/usr/sbin/cron.distrib\nexim4\n")
    packaged.sync()
    (packaged.booted / "usr/sbin/cron.distrib").unlink()
    put(packaged.booted, "var/lib/dpkg/diversions", b"")
    ONE.purge(packaged.booted)
    (packaged.booted / "usr/local/lib").mkdir(parents=True)
    (packaged.booted / "usr/local/lib/x").symlink_to("/usr/sbin/cron")
    packaged.sync()
    assert (packaged.clone / "usr/sbin/cron.distrib").read_bytes() == b"cron's\n"
    assert b"/usr/sbin/cron.distrib" in packaged.report("nonvolatile")
    assert (packaged.clone / "usr/local/lib/x").is_symlink()
