"""How the last sync at a shutdown ended, as the shutdown script notes it: lines of `name=value`."""

from drdwrap.linux import clock, safe_file
from drdwrap.paths.escaping import for_screen, one_line
from drdwrap.paths.line_ends import lines_of

_NAMES = ("started", "ended", "result", "message")
_LONGEST = 64 << 10


def read(path: bytes) -> tuple[dict[str, str] | None, str]:
    """`started` and `ended` (dates), `result` and `message` (for the screen), or None if there is
    no such note or it is not understood; and a sentence that says so, or an empty one."""
    try:
        data = safe_file.contents(path, most=_LONGEST)
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, _said(path, error.strerror or str(error))
    lines = lines_of(data.decode("utf-8", "replace"))
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    lacking = [name for name in _NAMES if name not in found]
    if lacking:
        return None, _said(path, f"{lacking[0]} is missing")
    if not (clock.is_date(found["started"]) and clock.is_date(found["ended"])):
        return None, _said(path, "it has no dates")
    return {name: one_line(found[name]) for name in _NAMES}, ""


def _said(path: bytes, why: str) -> str:
    return (
        f"{for_screen(path)} is damaged ({why}): how the last sync at a shutdown ended is not known"
    )
