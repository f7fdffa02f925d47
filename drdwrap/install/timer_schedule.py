"""What `OnCalendar=` of a systemd timer accepts: systemd.time(7). systemd itself is asked."""

from drdwrap.errors import ProgramError, RefusedError
from drdwrap.linux import process
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

_HINT = "use one such as 'daily' or 'Mon..Fri 03:17'; see 'man systemd.time'"


def checked(expression: str) -> str:
    """The expression without blanks around it. RefusedError, with the reason, if it is wrong.

    Without systemd-analyze, as on a packager's machine, only what would break the unit's file is
    refused.
    """
    text = expression.strip()
    shown = for_screen(text.encode("utf-8", "surrogateescape"))
    if not text or not text.isprintable() or "%" in text or text.endswith("\\"):
        raise RefusedError(f"{shown!r} is not a calendar expression", _HINT)
    try:
        asked = process.run("systemd-analyze", ["calendar", "--", text], ok=range(256))
    except ProgramError:
        return text
    if asked.status != 0:
        said = for_screen(b"".join(lines_of(asked.stderr.strip())[:1]))
        raise RefusedError(f"{shown!r} is not a calendar expression: {said}", _HINT)
    if b"Next elapse: never" in asked.stdout:
        raise RefusedError(f"{shown!r} never elapses again", _HINT)
    return text
