"""Paths in the configuration are UTF-8, whatever the locale says; those on the command line are
what the locale says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .lab.files import put
from .lab.mounts import Mounts
from .lab.pair import Pair

LATIN_1 = "en_US.ISO-8859-1"
NAME = "café"
BYTES = os.fsencode(NAME)


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a locale that few machines have."""
    place = tmp_path_factory.mktemp("locales")
    if shutil.which("localedef"):
        make = ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(place / LATIN_1)]
        subprocess.run(make, capture_output=True, check=False)
    return place


@pytest.fixture(params=["C", LATIN_1, "C.UTF-8"])
def env(request: pytest.FixtureRequest, locales: Path) -> dict[str, str]:
    if request.param == LATIN_1 and not (locales / LATIN_1).exists():
        pytest.skip("the locale cannot be made here: is Debian's package locales installed?")
    # Otherwise Python takes UTF-8 in the C locale.
    python = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    return {**python, "LC_ALL": request.param, "LOCPATH": str(locales), "PYTHONIOENCODING": ""}


def run(pair: Pair, *arguments: str, env: dict[str, str], ok: int = 0) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        pair.run("--json", *arguments, ok=ok, env=env, fresh=True).stdout
    )
    return told


def test_what_is_excluded_is_not_copied(filled: Pair, env: dict[str, str]) -> None:
    filled.configure(
        exclude_list=[f"/srv/{NAME}", f"*.{NAME}"],
        non_synced_locations={"add": [f"/opt/{NAME}/*"]},
        kept_together=[[f"/etc/{NAME}", "/etc/hosts"]],
    )
    for name in (f"srv/{NAME}/x", f"home/a.{NAME}", f"opt/{NAME}/x", f"etc/{NAME}", "etc/hosts"):
        put(filled.booted, name, b"booted\n")
    put(filled.clone, "etc/hosts", b"clone\n")
    assert run(filled, "sync", env=env)["counts"]["files_to_be_copied"] == 2  # directories
    assert sorted(filled.report("to_be_copied")) == [b"/opt", b"/opt/" + BYTES]
    assert filled.report("target_changed") == [b"/etc/" + BYTES, b"/etc/hosts"]


def test_a_byte_that_is_not_utf8_stays_that_byte(filled: Pair, env: dict[str, str]) -> None:
    filled.config.write_text(filled.config.read_text() + 'exclude_list: ["/srv/caf\\udce9"]\n')
    for name in (b"srv/caf\xe9", b"srv/caf\xc3\xa9"):
        put(filled.booted, os.fsdecode(name))
    run(filled, "sync", env=env)
    assert filled.report("to_be_copied") == [b"/srv/caf\xc3\xa9"]


def test_every_path_of_drdwraps_own_may_be_any_text(
    pair: Pair, mounts: Mounts, env: dict[str, str]
) -> None:
    """The trees, a volume of them, the state, the log, the hooks and an option of rsync's."""
    home = pair.home / f"{NAME}-\u2603"
    for name in ("booted", "clone"):
        (home / name).mkdir(parents=True)
        mounts.bind(getattr(pair, name), home / name)
        (home / name / NAME).mkdir()
        mounts.tmpfs(home / name / NAME)
    hook = put(home, "hook", b'#!/bin/sh\nenv >"$1"\n', mode=0o755)
    pair.configure(
        booted={"root": str(home / "booted"), "volumes": ["/", f"/{NAME}"]},
        clone={"root": str(home / "clone")},
        state_dir=str(home / "state"),
        log_file=str(home / "log/drdwrap.log"),
        hooks={"after": [[str(hook), str(home / "environment")]]},
        rsync={"options": [f"--log-file={home}/rsync.log"]},
    )
    put(home, "booted/file of the root volume")
    put(home, f"booted/{NAME}/file", b"booted\n")
    run(pair, "clone", env=env)
    put(home, f"booted/{NAME}/file", b"changed\n")
    run(pair, "sync", env=env)
    assert (home / f"clone/{NAME}/file").read_bytes() == b"changed\n"
    assert (home / "state/record").exists() and (home / "rsync.log").exists()
    assert b"succeeded" in (home / "log/drdwrap.log").read_bytes()
    told = (home / "environment").read_bytes().split(b"\n")
    for name, path in (("CLONE_ROOT", home / "clone"), ("STATE_DIR", home / "state")):
        assert f"DRDWRAP_{name}=".encode() + bytes(path) in told
    assert run(pair, "status", env=env)["clone"]["root"] == str(home / "clone")
    assert all(check["ok"] for check in run(pair, "check", env=env)["checks"])
    assert pair.run("status", env=env, fresh=True).stdout


def test_an_error_in_a_hooks_environment_may_be_any_text(filled: Pair, env: dict[str, str]) -> None:
    hook = ["/bin/sh", "-c", f'printf %s "$DRDWRAP_ERROR" >{filled.home}/error']
    filled.configure(hooks={"before": [[f"/nowhere/{NAME}"]], "on_error": [hook]})
    filled.run("sync", env=env, ok=1, fresh=True)
    assert b"/nowhere/" + BYTES in (filled.home / "error").read_bytes()


def test_the_command_line_is_what_the_locale_says(filled: Pair, env: dict[str, str]) -> None:
    """So a name that the shell completes is the name of that file."""
    put(filled.booted, f"srv/{NAME}", b"booted\n")
    told = run(filled, "explain", f"/srv/{NAME}", env=env)
    assert (told["path"], told["outcome"]) == (f"/srv/{NAME}", "files_to_be_copied_by_drd_sync")
    run(filled, "sync", "-x", f"exclude_list=[/srv/{NAME}]", env=env)
    assert filled.report("to_be_copied") == []
    options = put(filled.home, NAME, f"exclude_list=[/srv/{NAME}]\n".encode(), mode=0o600)
    run(filled, "sync", "-X", str(options), env=env)
    assert filled.report("to_be_copied") == []
    wrong = filled.run("-X", str(options), "-x", "a=1", "sync", env=env, ok=1, fresh=True).stderr
    assert b"unknown key" in wrong


def test_what_is_installed_names_the_same_files(
    filled: Pair, env: dict[str, str], tmp_path: Path
) -> None:
    state = filled.home / f"state-{NAME}"
    filled.configure(state_dir=str(state))
    config = filled.config.rename(filled.home / f"{NAME}.yaml")
    root = tmp_path / "root"
    root.mkdir()
    for part in ("shutdown", "cron"):
        install = ["install", part, "--root", str(root), "--program", f"/opt/{NAME}/drdwrap"]
        filled.config = config
        filled.run(*install, "-x", f"exclude_list=[/srv/{NAME}]", env=env, fresh=True)
    script = (root / "etc/init.d/drdwrap").read_bytes()
    assert b"\nstate='" + bytes(state) + b"'\n" in script
    for text in (script, (root / "etc/cron.d/drdwrap").read_bytes()):
        for name in (b"/opt/" + BYTES + b"/drdwrap", bytes(config), b"[/srv/" + BYTES + b"]"):
            assert name in text


def test_what_clone_made_is_still_the_clones_own(filled: Pair, env: dict[str, str]) -> None:
    """The record says which paths these are, in a file of JSON."""
    swap = filled.booted / f"swap-{NAME}"
    with swap.open("wb") as file:
        file.truncate(1 << 20)
    subprocess.run(["mkswap", "-q", swap], check=True, capture_output=True)
    put(filled.booted, "etc/fstab", f"/swap-{NAME} none swap sw 0 0\n".encode())
    run(filled, "clone", "--overwrite", env=env)
    swap.unlink()
    put(filled.booted, f"swap-{NAME}", b"a file like any other\n")
    run(filled, "sync", env={**env, "LC_ALL": "C.UTF-8"})
    assert filled.report("location") == [b"/swap-" + BYTES]
