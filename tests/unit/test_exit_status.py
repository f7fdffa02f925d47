"""The exit statuses, and that no other module decides one."""

import ast
import signal
from pathlib import Path

import pytest

import drdwrap
from drdwrap import exit_status

PACKAGE = Path(drdwrap.__file__).parent
SOURCES = [
    PACKAGE / "__main__.py",
    *(file for part in ("cli", "present", "actions") for file in PACKAGE.glob(f"{part}/*.py")),
]


@pytest.mark.parametrize(
    ("error", "warnings", "status"),
    [("", False, 0), ("", True, 2), ("it failed", False, 1), ("it failed", True, 1)],
)
def test_a_run_has_the_statuses_of_drd(error: str, warnings: bool, status: int) -> None:
    assert exit_status.of_run(error, warnings) == status


def test_a_run_that_a_signal_ended_has_the_status_of_a_shell() -> None:
    assert exit_status.of_signal(signal.SIGINT) == 130
    assert exit_status.of_signal(signal.SIGTERM) == 143


def test_a_run_that_is_skipped_succeeds() -> None:
    assert exit_status.SKIPPED == 0


def test_a_command_that_only_looks_succeeds_if_everything_is_as_it_should_be() -> None:
    assert exit_status.of_checks(True) == 0
    assert exit_status.of_checks(False) == 1


def test_accept_warns_of_paths_that_have_nothing_to_accept() -> None:
    assert exit_status.of_accept(True) == 0
    assert exit_status.of_accept(False) == 2


def test_a_command_that_returns_nothing_succeeds() -> None:
    assert exit_status.of_command(None) == 0
    assert exit_status.of_command(2) == 2


def _is_number(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_other_module_decides_one(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Return):
            assert not _is_number(node.value), f"line {node.lineno} returns a number"
        elif isinstance(node, ast.IfExp):
            chosen = (node.body, node.orelse)
            assert not all(map(_is_number, chosen)), f"line {node.lineno} chooses a number"
        elif isinstance(node, ast.Constant):
            assert node.value != 128, f"line {node.lineno} makes a signal's status"
