"""The RPM's spec file: read and checked by rpm and rpmlint, built by rpmbuild, installed, removed.

The macros for Python packages (pyproject-rpm-macros) are Fedora's and are not to be had in Debian:
MACROS stands for them, with pip. So this is no test of the RHEL family itself.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contrib.package_files.commands import every_command
from drdwrap import __version__

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "contrib/rpm/drdwrap.spec"
MACROS = f"""
%python3 env PYTHONPATH= {sys.executable}
%python3_sitelib /usr/lib/python3/site-packages
%pyproject_buildrequires :
%pyproject_wheel %python3 -m pip wheel --quiet --no-deps --wheel-dir wheel .
%pyproject_install \\
  %python3 -m pip install --quiet --no-deps --target %buildroot%python3_sitelib wheel/*.whl \\
  mkdir -p %buildroot%_bindir \\
  mv %buildroot%python3_sitelib/bin/drdwrap %buildroot%_bindir/ \\
  rm -r %buildroot%python3_sitelib/bin
%pyproject_save_files() \\
  (cd %buildroot; find .%python3_sitelib -type f -o -type l | cut -c 2-) > %pyproject_files
%pyproject_files %_builddir/pyproject-files
"""
needs_rpm = pytest.mark.skipif(not shutil.which("rpmbuild"), reason="no rpmbuild is installed")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-5000:]}\n{done.stderr[-5000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def macros(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("rpm") / "macros"
    path.write_text(MACROS)
    return f"--load={path}"


@needs_rpm
def test_its_version_is_the_program_s(macros: str) -> None:
    told = run("rpmspec", macros, "--query", "--queryformat=%{name} %{version}\n", SPEC)
    assert told == f"drdwrap {__version__}\n"


@needs_rpm
def test_rpm_can_read_it_with_and_without_the_macros(macros: str) -> None:
    for more in ([], [macros]):
        assert "%{_mandir}" not in run("rpmspec", *more, "--parse", SPEC)


@pytest.mark.skipif(not shutil.which("rpmlint"), reason="no rpmlint is installed")
def test_rpmlint_finds_no_error() -> None:
    told = run("rpmlint", SPEC)
    found = re.findall(r"^\S+ ([EW]): (\S+)", told, re.MULTILINE)
    # The first is for rpm 4.5 and older, and the source is on no web page.
    assert set(found) <= {("W", "no-buildroot-tag"), ("W", "invalid-url")}, told
    assert "0 errors" in told


@pytest.fixture(scope="module")
def rpm(macros: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built from the sdist."""
    top = tmp_path_factory.mktemp("rpmbuild")
    (top / "SOURCES").mkdir()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(*pip, "install", "--target", top / "build", "build")
    code = f"import sys; sys.path.insert(0, {str(top / 'build')!r})"
    code += "; import runpy; runpy.run_module('build', run_name='__main__')"
    run(sys.executable, "-c", code, "--sdist", f"--outdir={top / 'SOURCES'}", ROOT)
    run("rpmbuild", macros, f"--define=_topdir {top}", "--nodeps", "-bb", SPEC)
    (built,) = top.rglob("*.rpm")
    return built


@pytest.mark.slow
@needs_rpm
def test_it_holds_what_the_debian_package_holds(rpm: Path) -> None:
    held = set(run("rpm", "--query", "--package", "--list", rpm).splitlines())
    for command in every_command():
        assert any(re.fullmatch(rf"/usr/share/man/man8/{command.page}\.8(\.gz)?", n) for n in held)
    for name in (
        "/usr/bin/drdwrap",
        "/usr/share/bash-completion/completions/drdwrap",
        "/usr/share/zsh/site-functions/_drdwrap",
        "/usr/share/fish/vendor_completions.d/drdwrap.fish",
        "/usr/share/doc/drdwrap/examples/drdwrap.yaml",
        "/usr/share/doc/drdwrap/install.md",
        "/usr/lib/python3/site-packages/drdwrap/templates/files-from.j2",
        "/usr/lib/python3/site-packages/drdwrap/shutdown/script.j2",
        "/usr/lib/python3/site-packages/drdwrap/config/schema.yaml",
    ):
        assert name in held
    assert {name for name in held if name.startswith(("/etc", "/var"))} == {
        "/etc/logrotate.d/drdwrap"
    }
    config = run("rpm", "--query", "--package", "--configfiles", rpm)
    assert config.split() == ["/etc/logrotate.d/drdwrap"]


@pytest.mark.slow
@needs_rpm
def test_it_is_installed_and_removed_without_a_trace(rpm: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc/drdwrap").mkdir(parents=True)
    own = root / "etc/drdwrap/drdwrap.yaml"
    own.write_text("deletions: report\n")
    run("rpm", f"--root={root}", "--initdb")
    before = set(root.rglob("*"))
    options = ["rpm", f"--root={root}", "--nodeps", "--force-debian"]
    # Its script needs a shell in the root: test_deb removes what 'drdwrap install' wrote.
    run(*options, "--install", "--noscripts", rpm)
    assert (root / "usr/bin/drdwrap").is_file()
    run(*options, "--erase", "--noscripts", "drdwrap")
    left = {path for path in root.rglob("*") if not path.is_dir()}
    assert left - before == set()
    assert own.read_text() == "deletions: report\n"
