"""A usage error exits 1 with one line that says what is wrong, and no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .lab.pair import Pair
from .lab.program import CHECKOUT

WRONG = [
    ["nonsense"],
    ["--nonsense"],
    ["sync", "--nonsense"],
    ["sync", "surplus"],
    ["preview", "surplus"],
    ["sync", "-x"],
    ["sync", "-x", "novalue"],
    ["sync", "-x", "=1"],
    ["sync", "-X"],
    ["sync", "-X", "/nowhere/options"],
    ["sync", "--adopt"],
    ["sync", "--adopt", "nonsense"],
    ["sync", "--skip-if-running=1"],
    ["explain"],
    ["accept"],
    ["report", "one", "two"],
    ["config", "nonsense"],
    ["install", "nonsense"],
    ["--config"],
    ["-z"],
    ["\udcff"],
    ["evil\x1b[31m"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=[repr(" ".join(words)) for words in WRONG])
def test_it_exits_1_with_one_line(pair: Pair, arguments: list[str]) -> None:
    done = pair.run(*arguments, ok=1)
    told = done.stderr.decode()
    assert len(told.strip().splitlines()) == 1, told
    assert "\x1b" not in told
    assert done.stdout == b""


@pytest.mark.parametrize("arguments", [[], ["config"], ["install"]])
def test_a_command_left_out_is_an_error_that_says_where_help_is(
    pair: Pair, arguments: list[str]
) -> None:
    done = pair.run(*arguments, ok=1)
    assert len(done.stderr.strip().splitlines()) == 1
    assert " ".join(["drdwrap", *arguments, "--help"]).encode() in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize("arguments", [["nonsense"], ["sync", "--nonsense"], ["--nonsense"]])
def test_it_does_so_in_an_interpreter_of_its_own(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "drdwrap", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert b"Traceback" not in done.stderr


def test_what_steers_a_terminal_does_not_reach_it(filled: Pair) -> None:
    odd = "\x1b[31m\u202e"
    for arguments in (["sync", odd], ["sync", "-x", f"hooks.before=[[/none{odd}]]"], ["-x", odd]):
        done = filled.run(*arguments, ok=1)
        assert b"\x1b" not in done.stderr and "\u202e".encode() not in done.stderr
    assert "\x1b" not in filled.log.read_text()


def test_help_is_no_error() -> None:
    for arguments in (["--help"], ["sync", "--help"], ["config", "--help"]):
        done = subprocess.run(
            [sys.executable, "-m", "drdwrap", *arguments],
            cwd=CHECKOUT,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0
        assert b"Usage" in done.stdout


def test_a_closed_output_is_no_traceback(filled: Pair) -> None:
    command = [sys.executable, "-m", "drdwrap", "--config", str(filled.config), "report"]
    filled.preview()
    done = subprocess.run(
        f"{' '.join(command)} | true",
        shell=True,
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
