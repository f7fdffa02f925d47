"""Machines for the tests. What is missing for them is said in one line, and the tests skip."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from vagrant.box import package
from vagrant.box.package import Box
from vagrant.box.recipe import RECIPES

from .lab import place
from .lab.machine import Machine, console_end
from .lab.namespaces import Namespaces
from .lab.needs import lacking, lacking_for_uefi, lacking_for_vagrant
from .lab.processes import LabError, run
from .lab.qemu import QemuMachine
from .lab.supply import SYSTEMD, UEFI, NewMachine, Supply
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
        for name, machine in _machines(getattr(item, "funcargs", {}).values()).items():
            report.sections.append((f"console of {name}", console_end(machine)))
    for line in TIMES.take():
        report.user_properties.append(("lab", line))


def _machines(values: Iterable[object]) -> dict[str, Machine]:
    """Those that a test has, by name, whichever way it came to them."""
    found: dict[str, Machine] = {}
    for value in values:
        made = value.made if isinstance(value, NewMachine) else [value]
        for one in made:
            if isinstance(one, QemuMachine | VagrantMachine) and one.directory.exists():
                found[one.name] = one
    return found


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
    (recipe,) = (recipe for recipe in RECIPES if recipe.name == name)
    if recipe.firmware == "uefi" and (reason := lacking_for_uefi()):
        pytest.skip(f"no UEFI: {reason}")
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
    return package.place(recipe)


@pytest.fixture(scope="session")
def supply(lab: Path, testrun_uid: str, accelerator: str) -> Iterator[Supply]:
    """Boxes by the names of their recipes, and their saved states."""
    with place.shared(testrun_uid) as shared:
        yield Supply(lab, shared, accelerator, _box)


@pytest.fixture(scope="module")
def new_machine(supply: Supply) -> Iterator[NewMachine]:
    """Makes machines, of any recipe, for this module or for one of its tests."""
    with NewMachine(supply) as make:
        yield make


@pytest.fixture(scope="module")
def machine(new_machine: NewMachine) -> QemuMachine:
    """A running systemd machine of this module's own, under plain QEMU."""
    return new_machine.started("machine")


@pytest.fixture(scope="module")
def uefi_machine(new_machine: NewMachine) -> Machine:
    """The same with UEFI, /var on XFS and a thin /home."""
    return new_machine.started("uefi", UEFI)


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
    lab: Path, supply: Supply, accelerator: str, namespaces: Namespaces
) -> Iterator[Machine]:
    """A machine that `vagrant up` made and `vagrant destroy` removes."""
    box = supply.box(SYSTEMD)
    own = VagrantMachine("vagrant", box, lab / "vagrant", accelerator, namespaces)
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
