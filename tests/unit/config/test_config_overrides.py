"""`-x key=value` and files of such lines."""

from pathlib import Path

import pytest
from unit.config.conftest import Problems, Write

from drdwrap.config.load import load
from drdwrap.errors import ConfigError


def test_an_override_holds_over_the_file(write: Write) -> None:
    path = write("clone: {root: /srv/a, require_mount: true}\nexclude_list: [a, b]\n")
    config = load(path, ["clone.require_mount=false", "exclude_list=[c]", "max_deletions=5%"])
    assert config.clone.root == b"/srv/a"
    assert config.clone.require_mount is False
    assert config.exclude_list == (b"c",)
    assert config.max_deletions == "5%"


def test_a_value_may_hold_an_equals_sign_and_be_nested(write: Write) -> None:
    config = load(write(""), ["rsync.options=[--bwlimit=5]", "hooks.before=[[/bin/true, x=y]]"])
    assert config.rsync.options == (b"--bwlimit=5",)
    assert config.hooks.before == ((b"/bin/true", b"x=y"),)


def test_a_section_sets_only_the_keys_it_names(write: Write) -> None:
    config = load(write("clone: {volume_group: vg1}"), ["clone={root: /srv/clone}"])
    assert (config.clone.volume_group, config.clone.root) == ("vg1", b"/srv/clone")


def test_the_last_override_of_a_key_holds_and_files_come_before_the_command_line(
    write: Write, tmp_path: Path
) -> None:
    overrides = tmp_path / "overrides"
    overrides.write_text("# comment\n\n  log_file=/from/file\nstate_dir=/from/file\n")
    overrides.chmod(0o600)
    config = load(write("log_file: /config"), ["log_file=/first", "log_file=/last"], [overrides])
    assert (config.log_file, config.state_dir) == (b"/last", b"/from/file")


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("layout", "-x: 'layout' is not key=value"),
        ("=lvm", "-x: '=lvm' is not key=value"),
        ("layout=lmv", "-x layout: must be one of: lvm, directories"),
        ("layuot=lvm", "-x layuot: unknown key; did you mean 'layout'?"),
        ("clone.rot=/", "-x clone.rot: unknown key; did you mean 'clone.root'?"),
        ("clone.root.x=/", "-x clone.root.x: unknown key; did you mean 'clone.root'?"),
        ("clone={rot: /}", "-x clone.rot: unknown key; did you mean 'clone.root'?"),
        ("clone.root=here", "-x clone.root: must be an absolute path, without '..'"),
        ("exclude_list=[a, 5]", "-x exclude_list[1]: must be text; put it in quotes"),
        ("log_file=", "-x log_file: must be text"),
        (
            "exclude_list=[a",
            (
                "-x exclude_list: not YAML: while parsing a flow sequence:"
                " expected ',' or ']', but got '<stream end>'"
            ),
        ),
    ],
)
def test_a_problem_of_an_override_is_named_as_such(
    problems: Problems, override: str, problem: str
) -> None:
    assert problems("", override) == [problem]


def test_the_file_and_the_override_of_one_key_are_both_checked(problems: Problems) -> None:
    assert problems("clone: 5", "clone.root=/srv/clone") == [
        "FILE:1: clone: must be a section with the keys volume_group, root, require_mount"
    ]


def test_a_file_of_overrides_gets_problems_with_lines(write: Write, tmp_path: Path) -> None:
    overrides = tmp_path / "overrides"
    overrides.write_text("# comment\n\nlayout=lmv\nlog_file\n")
    overrides.chmod(0o620)
    with pytest.raises(ConfigError) as raised:
        load(write(""), override_files=[overrides, tmp_path / "absent"])
    writable, *others = raised.value.problems
    assert writable.endswith(f"chmod go-w {overrides}")
    assert others == [
        f"{overrides}:3: layout: must be one of: lvm, directories",
        f"{overrides}:4: 'log_file' is not key=value",
        f"{tmp_path / 'absent'}: cannot be read: No such file or directory",
    ]
