"""The completion scripts, each in its own shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.package_files.completion import SHELLS, completion

ROOT = Path(__file__).parents[2]
_BASH = """
source {script}
COMP_WORDS=({words}); COMP_CWORD={number}
_drdwrap_completion drdwrap
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
_FISH = "source {script}; complete --do-complete '{line}'"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A drdwrap is found in PATH, which runs the checkout's."""
    program = tmp_path / "bin/drdwrap"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m drdwrap "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    return {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}


def said(shell: str, script: str, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [shell, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("drdwrap s", {"status", "sync"}),
        ("drdwrap install ", {"cron", "shutdown", "timer"}),
        ("drdwrap sync --ti", {"--time-limit"}),
        ("drdwrap sync --occasion ", {"periodic", "shutdown"}),
    ],
)
def test_bash_completes(
    line: str, offered: set[str], environment: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "completion"
    script.write_text(completion("bash"))
    words = [*line.split(), ""] if line.endswith(" ") else line.split()
    told = said(
        "bash",
        _BASH.format(
            script=script, words=" ".join(f"'{word}'" for word in words), number=len(words) - 1
        ),
        environment,
    )
    assert set(told) == offered


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish is installed")
def test_fish_completes(environment: dict[str, str], tmp_path: Path) -> None:
    script = tmp_path / "completion"
    script.write_text(completion("fish"))
    told = said("fish", _FISH.format(script=script, line="drdwrap sync --ti"), environment)
    assert told[0].split("\t")[0] == "--time-limit"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_its_script(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} is installed")
    script = tmp_path / "completion"
    script.write_text(completion(shell))
    assert said(shell, f"{shell} -n {script}", {"PATH": os.environ["PATH"]}) == []


def test_zsh_finds_it_for_its_command() -> None:
    assert completion("zsh").startswith("#compdef drdwrap\n")
