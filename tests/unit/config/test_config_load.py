"""What is loaded, and from where."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from unit.config.conftest import Problems, Write

from drdwrap.config import load as load_module
from drdwrap.config.load import load
from drdwrap.config.model import Clone, Hooks, from_mapping
from drdwrap.errors import ConfigError

DEFAULTS = from_mapping({})


def test_an_absent_default_file_means_all_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_module, "DEFAULT_PATH", tmp_path / "absent.yaml")
    assert load(None) == DEFAULTS


def test_the_default_file_is_read_if_it_is_there(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_module, "DEFAULT_PATH", write("layout: directories"))
    assert load(None).layout == "directories"


def test_a_named_file_that_is_absent_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "absent.yaml"
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert raised.value.problems == (f"{path}: cannot be read: No such file or directory",)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n", "{}\n", "\ufeff"])
def test_an_empty_file_means_all_defaults(write: Write, text: str) -> None:
    assert load(write(text)) == DEFAULTS


def test_a_section_whose_keys_are_all_commented_out_means_its_defaults(write: Write) -> None:
    assert load(write("clone:\n  # root: /srv/clone\nlayout: lvm\n")) == DEFAULTS


def test_what_is_set_is_loaded_and_the_rest_has_defaults(write: Write) -> None:
    config = load(
        write("""\
clone: {root: /srv/clone, require_mount: false}
exclude_list: ["*.core", 2024-01-01]
packages: none
max_deletions: 500
kept_together: [[/a, /b], [/c/*]]
hooks: {before: [[/bin/echo, a b], [/bin/true]]}
""")
    )
    assert config.clone == Clone(volume_group="drd00", root=b"/srv/clone", require_mount=False)
    assert config.exclude_list == (b"*.core", b"2024-01-01")
    assert config.packages == "none"
    assert config.max_deletions == 500
    assert config.kept_together == ((b"/a", b"/b"), (b"/c/*",))
    assert config.hooks == Hooks(
        before=((b"/bin/echo", b"a b"), (b"/bin/true",)), after=(), on_error=()
    )
    assert config.booted == DEFAULTS.booted


def test_a_byte_that_is_not_utf8_can_be_written_in_a_path(write: Write) -> None:
    (pattern,) = load(write('exclude_list: ["/caf\\udce9"]')).exclude_list
    assert pattern == b"/caf\xe9"


def test_an_anchor_can_be_used_again(write: Write) -> None:
    hooks = load(write("hooks: {before: &a [[/bin/true]], after: *a}")).hooks
    assert hooks.after == hooks.before == ((b"/bin/true",),)


def test_a_configuration_can_be_hashed() -> None:
    assert len({DEFAULTS, from_mapping({"layout": "lvm"})}) == 1


@pytest.mark.parametrize(
    ("limit", "recorded", "paths"),
    [
        ("10%", 1000, 100),
        ("10%", 1, 1),
        ("10%", 0, 0),
        ("0%", 1000, 0),
        ("100%", 7, 7),
        ("0.1%", 1001, 2),
        ("7%", 100, 7),
        (0, 1000, 0),
        (500, 10, 500),
    ],
)
def test_the_limit_of_deletions_is_a_share_rounded_up_or_a_number(
    limit: str | int, recorded: int, paths: int
) -> None:
    assert from_mapping({"max_deletions": limit}).deletion_limit(recorded) == paths


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(
    write: Write, problems: Problems, mode: int
) -> None:
    path = write("layout: lmv")
    path.chmod(mode)
    with pytest.raises(ConfigError) as raised:
        load(path)
    writable, wrong = raised.value.problems
    assert "can be written by group or others" in writable
    assert writable.endswith(f"chmod go-w {path}")
    assert wrong == f"{path}:1: layout: must be one of: lvm, directories"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(write: Write) -> None:
    path = write("")
    os.chown(path, 12345, -1)
    with pytest.raises(ConfigError, match="is owned by user 12345"):
        load(path)


def test_a_fifo_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o600)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert raised.value.problems == (f"{path}: is not a regular file",)


def test_a_directory_is_refused_and_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(ConfigError, match="is not a regular file"):
        load(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_file_that_is_not_utf8_is_refused(write: Write) -> None:
    path = write("")
    path.write_bytes(b"layout: lvm\nlog_file: /caf\xe9\n")
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert raised.value.problems == (f"{path}:2: is not UTF-8 text",)


def test_importing_the_package_imports_neither_yaml_nor_jsonschema() -> None:
    code = (
        "import sys, drdwrap.config.load, drdwrap.config.sample;"
        "sys.exit(bool({'yaml', 'jsonschema'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
