"""Machines for the tests. What is missing for them is said in one line, and the tests skip."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from vagrant.box import package
from vagrant.box.package import Box
from vagrant.box.recipe import RECIPES

from .lab import place
from .lab.machine import Machine, console_end
from .lab.namespaces import Namespaces
from .lab.needs import lacking, lacking_for_vagrant
from .lab.processes import LabError, run
from .lab.qemu import QemuMachine, State
from .lab.times import TIMES
from .lab.vagrant import VagrantMachine

ROOT = Path(__file__).parents[2]


def pytest_itemcollected(item: pytest.Item) -> None:
    """All of these are marked."""
    item.add_marker(pytest.mark.vm)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test shows the end of its machines' consoles; every test says what took how long."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, QemuMachine | VagrantMachine):
                report.sections.append((f"console of {value.name}", console_end(value)))
    for line in TIMES.take():
        report.user_properties.append(("lab", line))


@pytest.fixture(scope="session")
def lab() -> Iterator[Path]:
    """A directory for this session's machines; skips, with the reason, where none can run."""
    if reason := lacking():
        pytest.skip(f"no machines: {reason}")
    with place.session() as directory:
        yield directory


@pytest.fixture(scope="session")
def accelerator(lab: Path) -> str:
    """kvm or tcg, found out and not assumed."""
    with TIMES.step("how machines run here, found out"):
        return os.environ.get("DRDWRAP_ACCELERATOR") or run(ROOT / "vagrant/accelerator").strip()


def _box(name: str) -> Box:
    with TIMES.step(f"box {name}, made or found"):
        made = subprocess.run(
            [sys.executable, "-m", "vagrant.box", name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    TIMES.add(made.stderr)
    if made.returncode:
        raise LabError(made.stderr.strip())
    (recipe,) = (recipe for recipe in RECIPES if recipe.name == name)
    return package.place(recipe)


@pytest.fixture(scope="session")
def systemd_box(lab: Path) -> Box:
    """Debian 12 with systemd."""
    return _box("debian12-systemd")


@pytest.fixture(scope="session")
def sysvinit_box(lab: Path) -> Box:
    """Debian 12 with sysvinit."""
    return _box("debian12-sysvinit")


@pytest.fixture(scope="session")
def booted(lab: Path, systemd_box: Box, accelerator: str) -> State:
    """The systemd box right after its boot: machines go on from there within seconds."""
    machine = QemuMachine("first", systemd_box, lab / "first", accelerator)
    try:
        with TIMES.step(f"first boot ({accelerator})"):
            machine.start()
        return machine.save(lab / "booted")
    finally:
        machine.close()


@pytest.fixture(scope="module")
def machine(lab: Path, systemd_box: Box, booted: State, accelerator: str) -> Iterator[Machine]:
    """A running systemd machine of this module's own, under plain QEMU."""
    own = QemuMachine("machine", systemd_box, lab / "machine", accelerator, booted)
    try:
        with TIMES.step("machine started from the saved state"):
            own.start()
        yield own
    finally:
        own.close()


@pytest.fixture(scope="session")
def namespaces(lab: Path) -> Iterator[Namespaces]:
    """Where libvirt and Vagrant run; skips, with the reason, where they cannot."""
    if reason := lacking_for_vagrant():
        pytest.skip(f"no Vagrant: {reason}")
    own = Namespaces(lab)
    yield own
    own.close()


@pytest.fixture(scope="module")
def vagrant_machine(
    lab: Path, systemd_box: Box, accelerator: str, namespaces: Namespaces
) -> Iterator[Machine]:
    """A machine that `vagrant up` made and `vagrant destroy` removes."""
    own = VagrantMachine("vagrant", systemd_box, lab / "vagrant", accelerator, namespaces)
    with ExitStack() as opened:
        opened.callback(own.close)
        with TIMES.step("vagrant up"):
            own.start()
        yield own


@pytest.fixture(scope="session")
def wheels(lab: Path) -> list[Path]:
    """drdwrap's own wheel, and those of what Debian has not or too old."""
    directory = lab / "wheels"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "wheel"]
    run(*pip, "--no-deps", "--wheel-dir", directory, ROOT, "sh>=2.0")
    return sorted(directory.glob("*.whl"))
