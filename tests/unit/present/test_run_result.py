"""How the result of a run is shown, where a run of the program cannot show it."""

import pytest

from drdwrap.present.run_result import show_result
from drdwrap.present.view import View
from drdwrap.sync.result import RunResult


def test_a_preview_of_a_clone_that_cannot_be_made_says_why_and_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On a disk that does not exist, for example."""
    result = RunResult("/", "", counts={"initial": 0, "copied": 0}, error="there is no such disk")
    show_result(View(), result, always=True)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "drdwrap: there is no such disk\n")
