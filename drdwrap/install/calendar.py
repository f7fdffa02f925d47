"""What `OnCalendar=` of a systemd timer takes: systemd.time(7), asked of systemd itself."""

from drdwrap.errors import ProgramError, RefusedError
from drdwrap.linux import process
from drdwrap.paths.escaping import for_screen

_HINT = "such as 'daily' or 'Mon..Fri 03:17'; 'man systemd.time' has all of it"


def checked(expression: str) -> str:
    """The expression, if it is one. RefusedError that says what is wrong.

    Where there is no systemd-analyze (a packager's machine), only what would break the unit's file
    is seen.
    """
    text = expression.strip()
    shown = for_screen(text.encode("utf-8", "surrogateescape"))
    if not text or not text.isprintable() or "%" in text or text.endswith("\\"):
        raise RefusedError(f"{shown!r} is no calendar expression", _HINT)
    try:
        asked = process.run("systemd-analyze", ["calendar", "--", text], ok=range(256))
    except ProgramError:
        return text
    if asked.status != 0:
        said = for_screen(asked.stderr.strip().splitlines()[0]) if asked.stderr.strip() else ""
        raise RefusedError(f"{shown!r} is no calendar expression: {said}", _HINT)
    if b"Next elapse: never" in asked.stdout:
        raise RefusedError(f"{shown!r} never comes again", _HINT)
    return text
