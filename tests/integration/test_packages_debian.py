"""Two real Debian systems: packages come and go on the clone while the booted one lives on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .lab.debian_tree import NoTree, unpack
from .lab.debs import Deb, make_repository, run, verify
from .lab.files import put
from .lab.images import MIB
from .lab.mounts import Mounts
from .lab.pair import Pair

_WITH_UCF = """
if [ "$1" = configure ]; then
    printf 'shipped with {version}\\n' > /usr/share/tool/template
    ucf --three-way /usr/share/tool/template /etc/tool/ucf.conf
    ucfr tool /etc/tool/ucf.conf
    update-alternatives --install /usr/bin/any-tool any-tool /usr/bin/tool 10
    adduser --quiet --system --group --no-create-home tool{number}
fi
"""


def tool(number: int) -> Deb:
    """Version 2 has another template for one file, one file less, and one in /bin."""
    files = {
        "usr/bin/tool": f"tool {number}\n",
        "etc/tool/moving.conf": f"template {number}\n",
        "etc/tool/edited.conf": f"template {number}\n",
        "etc/tool/staying.conf": "template\n",
        "usr/share/tool/data": f"data {number}\n",
    }
    files |= {"usr/share/tool/old": "gone in 2\n"} if number == 1 else {"bin/tool-too": "new\n"}
    return Deb(
        "tool",
        f"{number}.0",
        files,
        conffiles=tuple(f"etc/tool/{name}.conf" for name in ("moving", "edited", "staying")),
        scripts={"postinst": _WITH_UCF.format(version=number, number=number)},
        depends="ucf, adduser",
    )


EXTRA = Deb(
    "extra", "1.0", {"usr/bin/extra": "extra\n", "etc/extra.conf": "x\n"}, ["etc/extra.conf"]
)
REPOSITORY = "opt/repository"


def apt(root: Path, *arguments: str) -> str:
    quiet = ("-qq", "-y", "-o", "APT::Sandbox::User=root", "-o", "Dpkg::Use-Pty=0")
    keep = ("-o", "Dpkg::Options::=--force-confold")
    return run("chroot", root, "apt-get", *quiet, *keep, *arguments)


def offer(root: Path, *debs: Deb) -> None:
    """Let apt in that root see these packages and nothing else."""
    make_repository(root / REPOSITORY, debs)
    for listed in (root / "etc/apt/sources.list.d").iterdir():
        listed.unlink()
    sources = root / "etc/apt/sources.list"
    sources.write_text(f"deb [trusted=yes] file:/{REPOSITORY} ./\n")
    apt(root, "update")


@pytest.fixture
def debian(on_disk: Path, mounts: Mounts) -> Pair:
    """A Debian with the first version of the tool, and its clone."""
    booted = mounts.image("debian", 700 * MIB).point
    clone = mounts.image("debian-clone", 700 * MIB).point
    try:
        unpack(booted)
    except NoTree as reason:
        pytest.skip(f"no Debian system: {reason}")
    offer(booted, tool(1))
    apt(booted, "install", "tool")
    pair = Pair(on_disk, booted, clone)
    pair.configure(packages="auto")
    pair.clone_fill()
    return pair


def patch_the_clone(pair: Pair) -> None:
    """Upgrade, install, remove and purge, all with apt in a chroot."""
    offer(pair.clone, tool(2), EXTRA)
    apt(pair.clone, "dist-upgrade")
    apt(pair.clone, "install", "extra")
    apt(pair.clone, "remove", "less")
    apt(pair.clone, "purge", "cron")


def live_on(pair: Pair) -> None:
    """What an administrator and a day's work do to the booted system."""
    booted = pair.booted
    put(booted, "etc/tool/moving.conf", b"set here\n")
    put(booted, "etc/tool/edited.conf", b"set here\n")
    put(booted, "etc/tool/staying.conf", b"set here\n")
    put(booted, "etc/tool/ucf.conf", b"set here\n")
    put(booted, "etc/nanorc", b"set nowrap\n")
    put(booted, "etc/default/cron", b"# none\n")
    put(booted, "etc/hosts", b"127.0.0.1 localhost\n")
    put(booted, "usr/bin/less", b"replaced by hand\n")
    put(booted, "usr/local/bin/own", b"of the administrator\n")
    put(booted, "var/lib/app/data", b"data\n" * 1000)
    (booted / "etc/extra.conf").write_text("of no package here\n")


def test_patching_the_clone_and_living_on_do_each_other_no_harm(debian: Pair) -> None:
    put(debian.booted, "etc/tool/edited.conf", b"set on both sides\n")
    debian.sync()
    assert verify(debian.clone) == verify(debian.booted)
    patch_the_clone(debian)
    live_on(debian)
    before = verify(debian.clone)
    packages = run("chroot", debian.clone, "dpkg-query", "--show")

    told = debian.json("sync")
    assert told["warnings"] == []

    new = verify(debian.clone) - before
    arrived = {"/etc/tool/staying.conf", "/etc/nanorc"}
    assert {line.split(" c ")[-1].strip() for line in new} == arrived
    assert run("chroot", debian.clone, "dpkg-query", "--show") == packages
    for path in (*arrived, "/usr/local/bin/own", "/var/lib/app/data", "/etc/hosts"):
        name = path.lstrip("/")
        assert (debian.clone / name).read_bytes() == (debian.booted / name).read_bytes(), path
    # Of the purged package, and the one edited on both sides before the template moved.
    assert b"/etc/default/cron" in debian.report("volatile")
    assert b"/etc/tool/edited.conf" in debian.report("volatile")
    assert (debian.clone / "etc/tool/edited.conf").read_bytes() == b"set on both sides\n"
    # These the upgrade has written on the clone.
    assert (debian.clone / "etc/tool/moving.conf").read_bytes() == b"template 2\n"
    assert (debian.clone / "etc/tool/ucf.conf").read_bytes() == b"shipped with 2\n"
    changed = {b"/etc/tool/moving.conf", b"/etc/tool/ucf.conf"}
    assert changed <= set(debian.report("target_changed"))
    assert b"/etc/extra.conf" in debian.report("target_changed")
    nonvolatile = set(debian.report("nonvolatile"))
    # What the clone's packages removed is not brought back, and by no detour.
    assert {b"/usr/bin/less", b"/usr/share/tool/old", b"/usr/sbin/cron"} <= nonvolatile
    for gone in ("usr/bin/less", "usr/share/tool/old", "usr/sbin/cron", "etc/default/cron"):
        assert not (debian.clone / gone).exists(), gone
    assert (debian.clone / "usr/bin/tool-too").exists()
    again = debian.sync()
    assert (again["copied"], again["deleted"]) == (0, 0)


def test_a_user_on_each_side_is_reported_and_neither_is_lost(debian: Pair) -> None:
    run("useradd", "--root", debian.booted, "--uid", "4711", "dora")
    offer(debian.clone, tool(2))
    apt(debian.clone, "dist-upgrade")
    debian.sync()
    accounts = {b"/etc/passwd", b"/etc/shadow", b"/etc/group", b"/etc/gshadow"}
    assert accounts <= set(debian.report("target_changed"))
    assert b"\ntool2:" in (debian.clone / "etc/passwd").read_bytes()
    assert "useradd --root" in debian.json("explain", "/etc/passwd")["would_change"]


def test_a_patch_of_the_booted_system_removes_nothing_of_the_clones(debian: Pair) -> None:
    offer(debian.booted, tool(2))
    apt(debian.booted, "dist-upgrade")
    before = verify(debian.clone)
    debian.sync()
    assert verify(debian.clone) == before
    assert (debian.clone / "usr/share/tool/old").exists()
    # The same patch on the clone, and the two are alike again.
    shutil.copytree(debian.booted / REPOSITORY, debian.clone / REPOSITORY, dirs_exist_ok=True)
    apt(debian.clone, "update")
    apt(debian.clone, "dist-upgrade")
    debian.sync()
    assert verify(debian.clone) == verify(debian.booted)
    assert not (debian.clone / "usr/share/tool/old").exists()
