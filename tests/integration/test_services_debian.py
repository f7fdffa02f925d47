"""Two real Debian systems: services come and go, on the clone others than on the booted system."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lab.debian_tree import DEBS, SERVICES, NoTree, unpack
from .lab.debs import run, verify
from .lab.files import put
from .lab.images import MIB
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.snapshot import Tree, snapshot

EXIM = ("exim4-daemon-light", "exim4-base", "exim4-config")
NGINX = ("nginx-light", "nginx", "nginx-common", "libnginx-mod-http-echo")
DATABASE = (b"var/lib/dpkg/", b"var/lib/apt/", b"var/cache/apt/")


@pytest.fixture
def services(on_disk: Path, mounts: Mounts) -> Pair:
    """A Debian with exim4, cron and nginx, and its clone."""
    booted = mounts.image("debian", 700 * MIB).point
    clone = mounts.image("debian-clone", 700 * MIB).point
    try:
        unpack(booted, SERVICES)
    except NoTree as reason:
        pytest.skip(f"no Debian system: {reason}")
    # Nothing is started: the daemons would run beside the tests.
    put(booted, "usr/sbin/policy-rc.d", b"#!/bin/sh\nexit 101\n", mode=0o755)
    pair = Pair(on_disk, booted, clone)
    pair.configure(packages="auto")
    pair.clone_fill()
    return pair


def purge(root: Path, *packages: str) -> None:
    run("chroot", root, "dpkg", "--purge", *packages)


def install(root: Path, package: str) -> None:
    """The package and what it needs, with its scripts."""
    debs = sorted(f"/{file.relative_to(root)}" for file in (root / DEBS / package).glob("*.deb"))
    quiet = ("-qq", "-y", "-o", "APT::Sandbox::User=root", "-o", "Dpkg::Use-Pty=0")
    run("chroot", root, "apt-get", *quiet, "--no-install-recommends", "install", *debs)


def services_of(root: Path, *names: bytes) -> Tree:
    """All that bears one of these names, its own or a directory's: units, links, data, logs."""
    return {
        path: entry
        for path, entry in snapshot(root).items()
        if any(name in path for name in names) and not path.startswith((*DATABASE, DEBS.encode()))
    }


def owned_by(root: Path, package: str) -> dict[bytes, object]:
    """What dpkg says is the package's, as far as it is there."""
    whole = snapshot(root)
    names = run("chroot", root, "dpkg-query", "--listfiles", package).splitlines()
    real = (root / name.lstrip("/") for name in names)
    paths = {bytes(path.resolve().relative_to(root)) for path in real if path.exists()}
    return {path: whole[path] for path in paths if path in whole}


def changed_paths(before: Tree, after: Tree) -> set[bytes]:
    """Apart from the package database."""
    differing = {path for path, _ in before.items() ^ after.items()}
    return {path for path in differing if not path.startswith(DATABASE)}


def live_on(booted: Path) -> dict[str, bytes]:
    """What an administrator changes meanwhile, of no package and of one that both sides have."""
    changes = {
        "etc/hosts": b"127.0.0.1 localhost\n",
        "etc/crontab": b"# changed\n",
        "var/spool/cron/crontabs/root": b"@daily true\n",
        "usr/local/bin/own": b"of the administrator\n",
        "var/lib/app/data": b"data\n" * 1000,
        "etc/systemd/system/own.service": b"[Service]\nExecStart=/usr/local/bin/own\n",
    }
    for name, content in changes.items():
        put(booted, name, content)
    wants = booted / "etc/systemd/system/multi-user.target.wants/own.service"
    wants.symlink_to("/etc/systemd/system/own.service")
    return changes


def test_other_services_on_each_side_do_each_other_no_harm(services: Pair) -> None:
    booted, clone = services.booted, services.clone
    purge(clone, *NGINX)
    install(clone, "redis-server")
    purge(booted, *EXIM)
    install(booted, "postfix")
    changes = live_on(booted)
    put(clone, "var/spool/exim4/input/message", b"queued\n")
    before, verified = snapshot(clone), verify(clone)
    exim, redis = (services_of(clone, *names) for names in ((b"exim", b"Exim"), (b"redis",)))
    owned = {name: owned_by(clone, name) for name in (*EXIM, "redis-server", "cron")}
    assert len(exim) > 100
    assert len(redis) > 20

    warnings = services.json("preview", ok=2)["warnings"]
    assert ["/etc/postfix (" in line or "/var/lib/exim4 (" in line for line in warnings] == [
        True,
        True,
    ]
    for _ in range(2):
        assert services.json("sync")["warnings"] == []
        arrived = {name.encode() for name in changes}
        arrived |= {b"etc/systemd/system/multi-user.target.wants/own.service"}
        arrived |= {b"var/lib/app"}
        assert changed_paths(before, snapshot(clone)) == arrived
        assert services_of(clone, b"exim", b"Exim") == exim
        assert services_of(clone, b"redis") == redis
        assert services_of(clone, b"nginx").keys() == {b"var/www/html/index.nginx-debian.html"}
        assert services_of(clone, b"postfix") == {}
    for name, content in changes.items():
        assert (clone / name).read_bytes() == content
    assert {name: owned_by(clone, name).keys() for name in owned} == {
        name: paths.keys() for name, paths in owned.items()
    }
    assert {line for line in verify(clone) - verified if "/etc/crontab" not in line} == set()
    held = set(services.report("nonvolatile"))
    for path in (
        *(b"/etc/exim4", b"/etc/exim4/conf.d", b"/var/lib/exim4", b"/var/spool/exim4/msglog"),
        *(b"/var/log/exim4", b"/etc/rc2.d/S01exim4", b"/etc/nginx/nginx.conf", b"/var/lib/nginx"),
        *(b"/etc/systemd/system/multi-user.target.wants/nginx.service", b"/etc/postfix/main.cf"),
        *(b"/etc/systemd/system/timers.target.wants/exim4-base.timer", b"/var/spool/postfix"),
    ):
        assert path in held
    told = services.json("explain", "/var/spool/exim4/msglog")
    assert "exim4-base:amd64" in told["reason"]
    assert "only the clone has installed" in told["reason"]
    told = services.json("explain", "/etc/passwd")["would_change"]
    assert "postdrop, postfix, ssl-cert on the booted system only; redis on the clone only" in told


def test_services_that_were_removed_and_not_purged_take_no_harm(services: Pair) -> None:
    """What dpkg keeps of a removed package is disabled or masked on its own side alone."""
    booted, clone = services.booted, services.clone
    for root, names in ((booted, EXIM), (clone, NGINX)):
        run("chroot", root, "dpkg", "--remove", *names)
    changes = live_on(booted)
    before = snapshot(clone)
    services.sync()
    arrived = {name.encode() for name in changes}
    arrived |= {b"etc/systemd/system/multi-user.target.wants/own.service", b"var/lib/app"}
    assert changed_paths(before, snapshot(clone)) == arrived
    # One side purges what the other has only removed, then both have.
    purge(booted, *EXIM)
    purge(clone, *NGINX)
    before = snapshot(clone)
    services.sync()
    assert changed_paths(before, snapshot(clone)) == set()
    purge(clone, *EXIM)
    purge(booted, *NGINX)
    services.sync()
    words = (b"exim", b"Exim", b"nginx")
    assert services_of(clone, *words).keys() == services_of(booted, *words).keys()
