"""The Ansible role, run by ansible-core on three machines: three pairs here, one of them broken."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from integration.lab.images import Images
from integration.lab.mounts import Mounts

from drdwrap.cli import drdwrap
from vagrant.box import cache

ROOT = Path(__file__).parents[2]
ANSIBLE = ROOT / "contrib/ansible"
ROLE = ANSIBLE / "roles/drdwrap"
PACKAGES = ("ansible-core", "ansible-lint")
MACHINES = ("one", "two", "three")


def _yaml(name: str) -> Any:
    return yaml.safe_load((ROLE / name).read_text())


ACTIONS: dict[str, dict[str, list[str]]] = _yaml("vars/main.yml")["drdwrap__actions"]


def test_the_actions_are_those_that_can_be_chosen_and_are_described() -> None:
    options = _yaml("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert options["drdwrap_action"]["choices"] == sorted(ACTIONS)
    defaults = _yaml("defaults/main.yml")
    assert {n: o["default"] for n, o in options.items() if n != "drdwrap_action"} == defaults
    readme = (ANSIBLE / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in (*options, *ACTIONS))


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_a_command_of_the_program(action: str) -> None:
    for words in ACTIONS[action].values():
        command: click.Command = drdwrap
        rest = list(words)
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), rest.pop(0))
            assert found is not None
            command = found
        command.make_context(action, rest)


@dataclass
class Fleet:
    """Three machines, which are three pairs in a directory, and Ansible."""

    directory: Path
    programs: Path

    def __post_init__(self) -> None:
        for name in MACHINES:
            (self.at(name) / "booted/etc").mkdir()
            (self.at(name) / "booted/etc/motd").write_text("one\n")
            (self.at(name) / "root").mkdir()
            config = self.at(name) / "drdwrap.yaml"
            config.write_text(json.dumps(self.configuration(name)))
            config.chmod(0o600)
        program = self.directory / "drdwrap"
        program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m drdwrap "$@"\n')
        program.chmod(0o755)
        variables = {
            "ansible_connection": "local",
            "ansible_become": False,
            "ansible_python_interpreter": sys.executable,
            "drdwrap_config_file": str(self.directory / "{{ inventory_hostname }}/drdwrap.yaml"),
            "drdwrap_program": str(program),
        }
        inventory = {"all": {"hosts": {name: {} for name in MACHINES}, "vars": variables}}
        (self.directory / "inventory.yml").write_text(yaml.safe_dump(inventory))

    def at(self, name: str) -> Path:
        return self.directory / name

    def configuration(self, name: str) -> dict[str, Any]:
        return {
            "layout": "directories",
            "booted": {"root": str(self.at(name) / "booted")},
            "clone": {"root": str(self.at(name) / "clone")},
            "packages": "none",
            "state_dir": str(self.at(name) / "state"),
            "log_file": str(self.at(name) / "log"),
        }

    def play(self, action: str, *options: str, ok: int = 0, **variables: Any) -> dict[str, str]:
        """What became of each machine: ok, changed or failed."""
        done = self._run(
            "ansible-playbook",
            f"--inventory={self.directory}/inventory.yml",
            f"--extra-vars={json.dumps({'drdwrap_action': action, **variables})}",
            *options,
            str(ANSIBLE / "fleet.yml"),
        )
        assert done.returncode == ok, done.stdout + done.stderr
        recap = re.findall(r"^(\w+) +: ok=.* changed=(\d+) .*failed=(\d+)", done.stdout, re.M)
        assert {name for name, _, _ in recap} == set(MACHINES)
        self.told = done.stdout + done.stderr
        return {
            name: "failed" if int(failed) else "changed" if int(changed) else "ok"
            for name, changed, failed in recap
        }

    def lint(self) -> subprocess.CompletedProcess[str]:
        return self._run("ansible-lint", "--offline", ".")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "HOME": str(self.directory),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_ROLES_PATH": str(ANSIBLE / "roles"),
            "ANSIBLE_HOME": str(self.directory / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(self.directory / ".ansible/tmp"),
            "ANSIBLE_NOCOLOR": "1",
        }
        return subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=ANSIBLE,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def programs() -> Path:
    """The bin folder of an environment with Ansible, made once and kept in the cache."""
    place = cache.directory() / f"ansible-{cache.key([*PACKAGES, sys.version])}"
    with (cache.directory() / "ansible.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "made").exists():
            venv.create(place, with_pip=True, clear=True)
            command = [str(place / "bin/pip"), "install", "--quiet", *PACKAGES]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"Ansible cannot be installed: {done.stderr[-300:]}")
            (place / "made").touch()
    return place / "bin"


@pytest.fixture(scope="module")
def fleet(
    programs: Path, images: Images, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    directory = tmp_path_factory.mktemp("fleet")
    mounts = Mounts(images)
    for name in MACHINES:
        for side in ("booted", "clone"):
            (directory / name / side).mkdir(parents=True)
            mounts.image_at(f"fleet-{name}-{side}", directory / name / side)
    yield Fleet(directory, programs)
    mounts.undo()


ALL_OK = dict.fromkeys(MACHINES, "ok")
ALL_CHANGED = dict.fromkeys(MACHINES, "changed")


@pytest.mark.slow
def test_a_fleet_is_cloned_and_synced(fleet: Fleet) -> None:
    motd = fleet.at("one") / "clone/etc/motd"
    assert fleet.play("clone", "--check") == ALL_CHANGED
    assert not motd.exists()
    assert fleet.play("clone") == ALL_CHANGED
    assert motd.read_text() == "one\n"
    assert fleet.play("clone") == ALL_OK

    (fleet.at("one") / "booted/etc/motd").write_text("two\n")
    only_one = {**ALL_OK, "one": "changed"}
    assert fleet.play("preview") == ALL_OK
    assert fleet.play("sync", "--check") == only_one
    assert motd.read_text() == "one\n"
    assert fleet.play("sync") == only_one
    assert motd.read_text() == "two\n"
    assert fleet.play("sync") == ALL_OK
    assert fleet.play("report") == ALL_OK
    assert fleet.play("status") == ALL_OK


@pytest.mark.slow
def test_a_machine_that_fails_hides_no_other(fleet: Fleet) -> None:
    config = fleet.at("two") / "drdwrap.yaml"
    config.write_text("clone: {rot: /}\n")
    for name in MACHINES:
        (fleet.at(name) / "booted/etc/new").write_text("new\n")
    assert fleet.play("sync", ok=2) == {**ALL_CHANGED, "two": "failed"}
    assert "clone.rot: unknown key; did you mean 'clone.root'?" in fleet.told
    assert (fleet.at("three") / "clone/etc/new").exists()

    own: dict[str, Any] = {"drdwrap_configuration": fleet.configuration("{{ inventory_hostname }}")}
    wrong: dict[str, Any] = {"drdwrap_configuration": {"clone": {"rot": "/"}}}
    before = config.read_text()
    assert set(fleet.play("status", ok=2, **wrong).values()) == {"failed"}
    assert config.read_text() == before
    assert fleet.play("status", **own) == ALL_CHANGED
    assert fleet.play("sync", **own) == {**ALL_OK, "two": "changed"}


@pytest.mark.slow
def test_warnings_are_failures_if_wanted(fleet: Fleet) -> None:
    options = ["-x", "max_deletions=0"]
    (fleet.at("one") / "booted/etc/new").unlink()
    assert fleet.play("sync", drdwrap_options=options) == ALL_OK
    assert fleet.play("sync", ok=2, drdwrap_options=options, drdwrap_warnings_fail=True) == {
        **ALL_OK,
        "one": "failed",
    }


@pytest.mark.slow
def test_the_periodic_sync_is_installed_once(fleet: Fleet) -> None:
    into: dict[str, Any] = {
        "drdwrap_options": ["--root", str(fleet.directory / "{{ inventory_hostname }}/root")]
    }
    assert fleet.play("install_cron", **into) == ALL_CHANGED
    assert (fleet.at("one") / "root/etc/cron.d/drdwrap").is_file()
    assert fleet.play("install_cron", **into) == ALL_OK
    assert fleet.play("uninstall", **into) == ALL_CHANGED
    assert not (fleet.at("one") / "root/etc/cron.d/drdwrap").exists()


@pytest.mark.slow
def test_ansible_lint_finds_nothing(fleet: Fleet) -> None:
    done = fleet.lint()
    assert done.returncode == 0, done.stdout + done.stderr
