"""Which options may be appended to the rsync command."""

import pytest
from unit.config.conftest import Problems, Write

from drdwrap.config.load import load

REFUSED = """
    --delete --delete-after --delete-excluded --delete-missing-args --del --remove-source-files
    --remove-sent-files --inplace --append --append-verify --partial --partial-dir=x -P
    --files-from=x --existing --ignore-existing --ignore-non-existing -u --update -b --backup
    --backup-dir=/x --temp-dir=/x -T -T/x --write-devices --copy-links -L --keep-dirlinks -K
    --dry-run -n -avn -vuz --max-delete=5 --force --delay-updates --exclude=x --filter=x -f -FF
    --recursive -r --remote-option=--inplace -M--inplace --no-times --no-xattrs --chmod=a+w
    --link-dest=/x --list-only --out-format=%n --size-only -8n
"""

ACCEPTED = """
    -z -v -c -I --bwlimit=20M --fsync --compress --checksum-choice=xxh3 --whole-file
    --no-whole-file -W -B1024 --block-size=1024 --timeout=60 --preallocate --info=stats2
    --one-file-system --log-file=/var/log/rsync.log
"""


@pytest.mark.parametrize("option", REFUSED.split())
def test_an_option_that_would_break_a_promise_is_refused(problems: Problems, option: str) -> None:
    assert problems(f"rsync: {{options: ['{option}']}}") == [
        f"FILE:1: rsync.options[0]: {option} is refused: it would break what drdwrap promises"
    ]


@pytest.mark.parametrize("option", ACCEPTED.split())
def test_any_other_option_is_accepted(write: Write, option: str) -> None:
    assert load(write(f"rsync: {{options: ['{option}']}}")).rsync.options == (option.encode(),)


@pytest.mark.parametrize("argument", ["/etc", "host::module", "1000", ""])
def test_a_positional_argument_is_refused(problems: Problems, argument: str) -> None:
    assert problems(f"rsync: {{options: ['{argument}']}}") == [
        (
            "FILE:1: rsync.options[0]: must begin with '-';"
            " an option and its value are one entry, --option=value"
        )
    ]


@pytest.mark.parametrize("option", ["-", "--"])
def test_a_lone_dash_is_refused(problems: Problems, option: str) -> None:
    assert problems(f"rsync: {{options: ['{option}']}}") == [
        "FILE:1: rsync.options[0]: must be an option"
    ]


@pytest.mark.parametrize("option", ["--bwlimit", "--timeout", "-B"])
def test_an_option_without_its_value_would_eat_the_source_and_is_refused(
    problems: Problems, option: str
) -> None:
    assert problems(f"rsync: {{options: ['{option}']}}") == [
        f"FILE:1: rsync.options[0]: {option} needs its value in the same entry, {option}=VALUE"
    ]
