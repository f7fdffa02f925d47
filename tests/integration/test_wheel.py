"""The wheel: what a user installs works without the checkout."""

import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run(*pip, "wheel", "--no-deps", "--wheel-dir", directory, ROOT, cwd=directory)
    (made,) = directory.glob("drdwrap-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The bin folder of an environment with nothing in it but the wheel and what that needs."""
    directory = wheel.parent
    venv.create(directory / "venv", with_pip=True)
    run(directory / "venv/bin/pip", "install", "--quiet", wheel, cwd=directory)
    return directory / "venv/bin"


def test_the_wheel_holds_all_that_is_not_python(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    for folder, place in folders.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert held[f"{place}/{path.relative_to(ROOT / folder)}"] == path.read_bytes()
    # A folder of templates that is not named there is missing only from what is installed.
    assert set(folders) == {path.parent.name for path in ROOT.glob("*/*.j2")}
    assert {"templates", "shutdown"} <= set(folders)
    assert "drdwrap/config/schema.yaml" in held
    assert any(name.endswith("/licenses/LICENSE") for name in held)


def test_templates_and_shutdown_reach_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "from drdwrap.templates import template_directory as d;"
        "print(d('templates'), d('shutdown'), d('templates/trial'))"
    )
    places = run(installed / "python", "-c", code, cwd=tmp_path).split()
    assert all("site-packages" in place for place in places)
    assert (Path(places[0]) / "files-from.j2").is_file()
    assert (Path(places[1]) / "script.j2").is_file()
    assert (Path(places[2]) / "custom.cfg.j2").is_file()


def test_the_installed_command_is_what_the_shutdown_script_calls(
    installed: Path, tmp_path: Path
) -> None:
    run(installed / "drdwrap", "install", "shutdown", "--root", tmp_path, cwd=tmp_path)
    script = (tmp_path / "etc/init.d/drdwrap").read_text()
    assert f"setsid {installed}/drdwrap sync " in script


def test_the_installed_command_syncs_from_another_directory(
    installed: Path, tmp_path: Path
) -> None:
    booted, clone = tmp_path / "booted", tmp_path / "clone"
    (booted / "etc").mkdir(parents=True)
    clone.mkdir()
    (booted / "etc/motd").write_text("one")
    config = tmp_path / "drdwrap.yaml"
    config.write_text(
        f"layout: directories\nbooted: {{root: {booted}}}\n"
        f"clone: {{root: {clone}, require_mount: false}}\npackages: none\n"
        f"state_dir: {tmp_path}/state\nlog_file: {tmp_path}/log\n"
    )
    config.chmod(0o600)
    run(installed / "drdwrap", "--config", config, "clone", cwd=tmp_path)
    (booted / "etc/motd").write_text("two")
    run(installed / "drdwrap", "--config", config, "sync", cwd=tmp_path)
    assert (clone / "etc/motd").read_text() == "two"
