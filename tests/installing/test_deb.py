"""The Debian package: built in Debian 13 from Debian's own packages, installed, removed, purged."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.lab.debian_tree import NoTree, unpack

from contrib.package_files.commands import every_command
from drdwrap import __version__

from .debian_13 import BUILDER, PLAIN, files, run

ROOT = Path(__file__).parents[2]
APT = "apt-get --quiet --no-install-recommends --yes"
"""Everything that it may download is there already."""


_OLDER = """
dpkg-deb --raw-extract /drdwrap.deb /older
sed -i 's/^Version: .*/Version: 0.0.1/' /older/DEBIAN/control
dpkg-deb --build /older /older.deb
"""


def test_its_version_is_the_program_s() -> None:
    changelog = (ROOT / "debian/changelog").read_text()
    assert changelog.startswith(f"drdwrap ({__version__}) ")


def test_it_depends_on_what_the_program_does() -> None:
    """The names of Debian's packages are those of PyPI, except one."""
    declared = re.search(r"^dependencies = \[(.*?)^\]", _text("pyproject.toml"), re.M | re.S)
    assert declared
    names = re.findall(r'"([a-z-]+)', declared[1])
    assert len(names) >= 7
    for name in names:
        assert f"\n python3-{name.replace('pyyaml', 'yaml')}" in _text("debian/control")


def _text(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, from a copy of what git has of the checkout. lintian has found no error."""
    root = tmp_path_factory.mktemp("builder")
    _unpack(root, BUILDER)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            copy = root / "src" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((ROOT / name).read_bytes())
            copy.chmod((ROOT / name).stat().st_mode)
    run(root, "cd /src && dpkg-buildpackage --build=binary --no-sign")
    told = run(root, "lintian --no-cfg --fail-on error,warning /drdwrap_*.changes")
    assert not re.search("^[EW]:", told, re.MULTILINE), told
    (built,) = root.glob("drdwrap_*_all.deb")
    kept = tmp_path_factory.mktemp("deb") / built.name
    built.rename(kept)
    shutil.rmtree(root)
    return kept


def _unpack(root: Path, system: object) -> None:
    try:
        unpack(root, system)  # type: ignore[arg-type]
    except NoTree as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def machine(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Debian 13 with the package installed by apt."""
    root = tmp_path_factory.mktemp("machine")
    _unpack(root, PLAIN)
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")  # no service starts: this is no machine
    policy.chmod(0o755)
    (root / "drdwrap.deb").write_bytes(deb.read_bytes())
    # What is compared is drdwrap itself: its dependencies stay when it goes.
    depends = subprocess.run(
        ["dpkg-deb", "--field", deb, "Depends", "Recommends"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = re.findall(r"(?:^\w+: |, )([a-z0-9.+-]+)", depends, re.MULTILINE)
    assert {"python3-click", "rsync", "lvm2"} <= set(names)
    run(root, f"{APT} install man-db bash-completion {' '.join(names)}")
    (root / "before").write_text("\n".join(sorted(files(root) | {"before"})))
    run(root, f"{APT} install /drdwrap.deb")
    yield root
    shutil.rmtree(root)


@pytest.mark.slow
def test_the_program_works(machine: Path) -> None:
    assert run(machine, "drdwrap --version") == f"drdwrap, version {__version__}\n"
    told = run(machine, "drdwrap demo")
    assert told.rstrip().endswith("Done. The pair is thrown away.")
    assert "Two ext4 file systems" in told
    sample = "/usr/share/doc/drdwrap/examples/drdwrap.yaml"
    copied = f"install -m 600 {sample} /tmp && drdwrap --config /tmp/drdwrap.yaml config check"
    assert "/tmp/drdwrap.yaml: no problems found" in run(machine, copied)
    assert "There is no configuration file" in run(machine, "drdwrap config check")


@pytest.mark.slow
def test_it_brings_pages_and_completion(machine: Path) -> None:
    for command in every_command():
        assert run(machine, f"man --where 8 {command.page}").strip().endswith(".8.gz")
    assert run(machine, "man --where 5 drdwrap.yaml").strip().endswith("/drdwrap.yaml.5.gz")
    assert "drdwrap-sync (8)" in run(machine, "mandb --quiet; apropos --exact drdwrap-sync")
    script = (
        ". /usr/share/bash-completion/bash_completion; _comp_load drdwrap;"
        " COMP_WORDS=(drdwrap sy) COMP_CWORD=1; _drdwrap_completion drdwrap;"
        ' echo "${COMPREPLY[@]}"'
    )
    assert run(machine, f"bash -c '{script}'").split()[-1] == "sync"
    assert (machine / "usr/share/zsh/vendor-completions/_drdwrap").is_file()
    assert (machine / "usr/share/fish/vendor_completions.d/drdwrap.fish").is_file()


@pytest.mark.slow
def test_it_enables_nothing(machine: Path) -> None:
    before = set((machine / "before").read_text().splitlines())
    brought = files(machine) - before
    outside = {name for name in brought if not name.startswith("usr/")}
    assert outside == {"etc/logrotate.d/drdwrap"}
    assert not any(name.startswith("usr/lib/systemd") for name in brought)
    run(machine, "logrotate --debug /etc/logrotate.conf")


@pytest.mark.slow
def test_removing_it_takes_what_it_brought_and_nothing_else(machine: Path) -> None:
    before = set((machine / "before").read_text().splitlines())
    own = "etc/drdwrap/drdwrap.yaml", "var/lib/drdwrap/record", "root/drdwrap.yaml"
    for name in own:
        (machine / name).parent.mkdir(parents=True, exist_ok=True)
        (machine / name).write_text("deletions: report\n")
        (machine / name).chmod(0o600)
    for name in ("var/log/drdwrap.log", "var/log/drdwrap.log.1"):
        (machine / name).write_text("a line\n")
    run(machine, "drdwrap install cron && drdwrap install shutdown --init sysv")
    run(machine, "echo LIMIT=60 >> /etc/default/drdwrap")
    assert not (machine / "etc/logrotate.d/drdwrap-log").exists()

    run(machine, _OLDER)
    run(machine, f"{APT} --allow-downgrades install /older.deb")
    assert f"drdwrap ({__version__}) over (0.0.1)" in run(machine, f"{APT} install /drdwrap.deb")
    run(machine, "rm -r /older /older.deb")
    assert (machine / "etc/cron.d/drdwrap").is_file()
    run(machine, f"{APT} remove drdwrap")
    left = files(machine) - before - {"var/lib/drdwrap", "etc/drdwrap"}
    logs = {"var/log/drdwrap.log", "var/log/drdwrap.log.1"}
    edited = {"etc/default/drdwrap"}
    assert left == {*own, *logs, *edited, "etc/logrotate.d/drdwrap"}

    told = run(machine, f"{APT} purge drdwrap")
    assert "/var/lib/drdwrap is kept" in told
    left = files(machine) - before - {"var/lib/drdwrap", "etc/drdwrap"}
    assert left == {*own, *edited}
    assert before <= files(machine)
