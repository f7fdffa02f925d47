"""What would break a timer's file is refused, even without systemd."""

from __future__ import annotations

import pytest

from drdwrap.errors import ProgramError, RefusedError
from drdwrap.install.timer_schedule import checked
from drdwrap.linux import process


@pytest.mark.parametrize("text", ["", "daily\nExecStart=x", "%h", "daily\\"])
def test_what_would_break_a_unit_is_no_time(text: str) -> None:
    with pytest.raises(RefusedError):
        checked(text)


def test_without_systemd_the_rest_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise ProgramError("no such program")

    monkeypatch.setattr(process, "run", none)
    assert checked(" Mon..Fri 03:17 ") == "Mon..Fri 03:17"
