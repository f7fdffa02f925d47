"""Every kind of problem, as the administrator reads it."""

import pytest
from unit.config.conftest import Problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("layout: lmv", "FILE:1: layout: must be one of: lvm, directories"),
        ("layout:", "FILE:1: layout: must be one of: lvm, directories"),
        ("packages: dnf", "FILE:1: packages: must be one of: auto, dpkg, rpm, none"),
        ("deletions: no", "FILE:1: deletions: must be one of: propagate, report"),
        ("clone: {require_mount: 1}", "FILE:1: clone.require_mount: must be true or false"),
        ("booted: /", "FILE:1: booted: must be a section with the keys root, volumes"),
        ("state_dir: 5", "FILE:1: state_dir: must be text; put it in quotes"),
        ("state_dir: 010", "FILE:1: state_dir: '010' is not a plain int"),
        ("log_file: drdwrap.log", "FILE:1: log_file: must be an absolute path, without '..'"),
        ("log_file: /var/../x", "FILE:1: log_file: must be an absolute path, without '..'"),
        ("log_file: /var/log/..", "FILE:1: log_file: must be an absolute path, without '..'"),
        (
            'log_file: "/a\\0b"',
            "FILE:1: log_file: must not hold a NUL, or a character that no file name can hold",
        ),
        (
            'exclude_list: ["\\ud800"]',
            (
                "FILE:1: exclude_list[0]:"
                " must not hold a NUL, or a character that no file name can hold"
            ),
        ),
        (
            "exclude_list: /tmp",
            "FILE:1: exclude_list: must be a list, in [ ] or with a '-' for each item",
        ),
        ("exclude_list:", "FILE:1: exclude_list: must be a list; [] is the empty one"),
        ("exclude_list: [/]", "FILE:1: exclude_list[0]: must name something other than the root"),
        ("exclude_list:\n- a\n- 7", "FILE:3: exclude_list[1]: must be text; put it in quotes"),
        ("kept_together: [[]]", "FILE:1: kept_together[0]: must name at least one path"),
        (
            "booted:\n  volumes: []",
            "FILE:2: booted.volumes: must name at least one mount point, such as [/]",
        ),
        (
            "clone: {volume_group: ..}",
            (
                "FILE:1: clone.volume_group:"
                " must be the name of a volume group (letters, digits and + _ . -)"
            ),
        ),
        ("max_deletions: -1", "FILE:1: max_deletions: must not be negative"),
        (
            "max_deletions: 100.5%",
            (
                "FILE:1: max_deletions:"
                " must be a percentage from 0% to 100% such as 10%, or a number of paths"
            ),
        ),
        (
            "max_deletions: 1.5",
            "FILE:1: max_deletions: must be a percentage such as 10%, or a number of paths",
        ),
        ("max_deletions: 1:30", "FILE:1: max_deletions: '1:30' is not a plain int"),
        (
            "hooks:\n  before: [/bin/true]",
            (
                "FILE:2: hooks.before[0]: must be a list of arguments: each hook is a list of"
                " commands, and each command a list of arguments, such as"
                " [[/usr/bin/logger, hello]]"
            ),
        ),
        (
            "hooks: {after: /bin/true}",
            (
                "FILE:1: hooks.after: must be a list of commands, each command a list of arguments,"
                " such as [[/usr/bin/logger, hello]]"
            ),
        ),
        ("hooks: {after: [[]]}", "FILE:1: hooks.after[0]: must name a program"),
        ("hooks: {after: [['']]}", "FILE:1: hooks.after[0][0]: must name a program"),
        ("exclud_list: []", "FILE:1: exclud_list: unknown key; did you mean 'exclude_list'?"),
        ("clone: {rot: /}", "FILE:1: clone.rot: unknown key; did you mean 'clone.root'?"),
        (
            "require_mount: true",
            "FILE:1: require_mount: unknown key; did you mean 'clone.require_mount'?",
        ),
        ("zebra: 1", "FILE:1: zebra: unknown key"),
        ("zebra:\n  stripes: 1", "FILE:1: zebra: unknown key"),
        ('"\\e[31m": 1', "FILE:1: \\033[31m: unknown key"),
        ("on: 1", "FILE:1: on: unknown key"),
        ("[a]: 1", "FILE:1: a key must be text"),
        ("layout: lvm\nlayout: lvm", "FILE:2: layout: is set twice, first in line 1"),
        ("clone: &a {root: *a}", "FILE:1: clone.root: refers to itself"),
        ("packages: !mine auto", "FILE:1: packages: the tag !mine has no meaning here"),
        ("- layout", "FILE:1: must be made of keys and values, such as 'layout: lvm', not a list"),
        (
            "layout",
            "FILE:1: must be made of keys and values, such as 'layout: lvm', not a single value",
        ),
        (
            "layout: lvm\nclone: {root: /",
            (
                "FILE:2: not YAML: while parsing a flow mapping:"
                " expected ',' or '}', but got '<stream end>'"
            ),
        ),
        ("layout: lvm\n\x01", "FILE:2: not YAML: the character #x0001"),
        ('layout: "\\UFFFFFFFF"', "FILE:1: not YAML: a number is too large"),
        ("[" * 3000, "FILE:1: not YAML: nested too deeply"),
    ],
)
def test_a_problem_is_told_with_its_line_and_key(
    problems: Problems, text: str, problem: str
) -> None:
    assert problems(text) == [problem]


def test_every_problem_is_told_at_once_in_the_order_of_lines(problems: Problems) -> None:
    text = """\
layout: lmv
clone:
  root: here
  volume_group: ..
  volume_group: drd00
exclude_lists: []
hooks:
  before:
    - [/bin/true]
    - [/bin/echo, yes]
"""
    assert problems(text, "log_file=x", "nonsense") == [
        "FILE:1: layout: must be one of: lvm, directories",
        "FILE:3: clone.root: must be an absolute path, without '..'",
        (
            "FILE:4: clone.volume_group:"
            " must be the name of a volume group (letters, digits and + _ . -)"
        ),
        "FILE:5: clone.volume_group: is set twice, first in line 4",
        "FILE:6: exclude_lists: unknown key; did you mean 'exclude_list'?",
        "FILE:10: hooks.before[1][1]: must be text; put it in quotes",
        "-x log_file: must be an absolute path, without '..'",
        "-x: 'nonsense' is not key=value",
    ]
