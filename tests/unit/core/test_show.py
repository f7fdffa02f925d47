"""What the commands print, where a run cannot show it."""

import pytest

from drdwrap.cli.options import Settings
from drdwrap.present import show
from drdwrap.sync.result import RunResult


def test_a_preview_of_a_clone_that_cannot_be_made_says_why_and_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On a disk that does not exist, say."""
    result = RunResult("/", "", counts={"initial": 0, "copied": 0}, error="there is no such disk")
    show.outcome(Settings(), result, always=True)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "drdwrap: there is no such disk\n")
