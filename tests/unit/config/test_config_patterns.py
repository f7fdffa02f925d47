"""A pattern that no path can match is a problem of the file, and the message says what to write."""

from __future__ import annotations

import pytest
import yaml
from unit.config.conftest import Problems, Write

from drdwrap.config.load import load

ROOT = "matches nothing: a path begins at the root; write "
HOME = "matches nothing: '~' is not a home directory here; write the whole path, as /root/..."
EXCEPTION = (
    "matches nothing: '!' does not make an exception; leave the entry out, or write \\! for a"
    " name that begins with it"
)
DOTS = "matches nothing: no file is named '.' or '..'; write the path without them"

WRONG = [
    ("./srv/x", ROOT + "/srv/x"),
    ("././/srv", ROOT + "/srv"),
    ("srv/x/y", ROOT + "/srv/x/y"),
    ("srv/*.iso", ROOT + "/srv/*.iso"),
    (" /srv/x", ROOT + "/srv/x"),
    ("../x", ROOT + "/x"),
    ("~/x", HOME),
    ("~/", HOME),
    ("~ann/x", HOME),
    ("!/etc", EXCEPTION),
    ("!x", EXCEPTION),
    (".", DOTS),
    ("..", DOTS),
    ("./", DOTS),
    ("/.", DOTS),
    ("/srv/./x", DOTS),
    ("/srv/../x", DOTS),
    ("/srv/..", DOTS),
]

RIGHT = ["/srv/x", "//srv//x/", "x", "x/", "*.iso", ".*", "..x", "/srv/.*/x", "\\!x", "~$*", "~"]

KEYS = ["exclude_list", "non_synced_locations.add", "non_synced_locations.remove"]


@pytest.mark.parametrize(("pattern", "problem"), WRONG)
def test_what_can_match_nothing_is_refused(problems: Problems, pattern: str, problem: str) -> None:
    text = f"layout: lvm\nexclude_list:\n- x\n- {yaml.safe_dump(pattern)}"
    assert problems(text) == [f"FILE:4: exclude_list[1]: {problem}"]


@pytest.mark.parametrize("pattern", RIGHT)
def test_what_can_match_something_is_not(write: Write, pattern: str) -> None:
    text = yaml.safe_dump({"exclude_list": [pattern]})
    assert load(write(text)).exclude_list == (pattern.encode(),)


def test_it_holds_for_every_list_of_patterns(problems: Problems) -> None:
    text = "exclude_list: [./a]\nnon_synced_locations:\n  add: [b/c]\n  remove: ['!d']\n"
    assert problems(text + "kept_together: [[/e, ~/f]]\n") == [
        f"FILE:1: exclude_list[0]: {ROOT}/a",
        f"FILE:3: non_synced_locations.add[0]: {ROOT}/b/c",
        f"FILE:4: non_synced_locations.remove[0]: {EXCEPTION}",
        f"FILE:5: kept_together[0][1]: {HOME}",
    ]
