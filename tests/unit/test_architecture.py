"""The house: an import never goes up, no modules import each other, no file is long."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "drdwrap"

LAYERS = (
    ("paths",),
    ("errors", "exit_status"),
    ("checks", "kept_json", "log", "templates"),
    ("linux",),
    ("config",),
    ("pair",),
    ("inventory",),
    ("record",),
    ("changes",),
    ("packages",),
    ("trim",),
    ("plan",),
    ("rsync",),
    ("reports",),
    ("sync",),
    ("boot",),
    ("clone_disk",),
    ("patching",),
    ("verify",),
    ("install",),
    ("actions",),
    ("present",),
    ("cli",),
    ("__main__",),
)
"""From the ground up. A module imports from its own room and from those below it: this holds inside
functions too, and for types. (The record is read first and written last, so what it is made of lies
below what compares with it.)"""

LONGEST = 300
"""Lines. A file that has to be longer says why at its top, with the words `Why so long`."""


@cache
def modules() -> dict[str, Path]:
    """Every module of drdwrap, by its dotted name without `drdwrap.`."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> dict[str, frozenset[str]]:
    """What each module imports of drdwrap's, wherever in the file it does."""
    return {name: frozenset(_imported(path)) for name, path in modules().items()}


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            top, _, base = node.module.partition(".")
            if top == "drdwrap":
                for alias in node.names:
                    whole = f"{base}.{alias.name}".lstrip(".")
                    found.add(whole if whole in modules() else base)
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.removeprefix("drdwrap.")
                for alias in node.names
                if alias.name.startswith("drdwrap.")
            }
    return found - {""}  # the package itself, with the version


def room(module: str) -> str:
    return module.partition(".")[0]


def height(module: str) -> int:
    return next(n for n, rooms in enumerate(LAYERS) if room(module) in rooms)


def test_every_room_has_its_place() -> None:
    rooms = {room(module) for module in modules()} - {""}
    assert rooms == {name for layer in LAYERS for name in layer}


@pytest.mark.parametrize("module", sorted(modules()))
def test_no_import_goes_up(module: str) -> None:
    if not module:
        return  # drdwrap/__init__.py, below all
    wrong = [
        other
        for other in imports()[module]
        if room(other) != room(module) and height(other) >= height(module)
    ]
    assert wrong == []


def test_no_modules_import_each_other() -> None:
    """Not even by way of others: there is an order in which each comes after all it imports."""
    left = {module: set(found) for module, found in imports().items()}
    while ready := {module for module, found in left.items() if not found & left.keys() - {module}}:
        for module in ready:
            del left[module]
    assert left == {}


def test_only_what_a_person_talks_to_imports_how_it_is_shown() -> None:
    users = {
        module for module, found in imports().items() if any(room(o) == "present" for o in found)
    }
    assert {room(module) for module in users} <= {"present", "cli", "__main__"}


@pytest.mark.parametrize("module", sorted(modules()))
def test_no_file_is_long_without_a_reason(module: str) -> None:
    text = modules()[module].read_text()
    lines = text.count("\n")
    assert lines <= LONGEST or "Why so long" in text[:1000], f"{lines} lines"


def test_no_room_is_for_odds_and_ends() -> None:
    nothing_said = {"utils", "util", "helpers", "helper", "manager", "misc", "common", "base"}
    assert not nothing_said & {part for module in modules() for part in module.split(".")}
