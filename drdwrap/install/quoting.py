"""Quote the words of a command for the programs that read it: sh, cron, systemd."""

import shlex
from collections.abc import Iterable

from drdwrap.errors import RefusedError


def for_shell(words: Iterable[str]) -> str:
    """A command line for sh."""
    return shlex.join(words)


def for_cron(words: Iterable[str]) -> str:
    """A command line for a crontab, where `%` means a new line unless it is escaped.

    RefusedError for words that no crontab can hold.
    """
    line = shlex.join(words)
    if "\n" in line or "\r" in line or "\\%" in line:
        raise RefusedError(f"a crontab cannot hold the command {line!r}")
    return line.replace("%", "\\%")


def for_systemd(words: Iterable[str]) -> str:
    """A command line for `ExecStart=`: systemd.service(5), COMMAND LINES.

    RefusedError for a program whose path systemd does not accept.
    """
    program, *arguments = words
    if set(program) & set("\"'\\"):
        raise RefusedError(
            f"systemd cannot start {program!r}: quotes and backslashes are not allowed in the path",
            "name another path with --program",
        )
    # systemd expands variables in arguments, but not in the program.
    written = (_systemd_word(word).replace("$", "$$") for word in arguments)
    return " ".join((_systemd_word(program), *written))


def for_systemd_paths(paths: Iterable[str]) -> str:
    """A list of paths for a unit, as for `RequiresMountsFor=`: systemd.unit(5)."""
    return " ".join(map(_systemd_word, paths))


_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "%": "%%",
}


def _systemd_word(word: str) -> str:
    escaped = word
    for character, written in _ESCAPES.items():
        escaped = escaped.replace(character, written)
    plain = word and not set(word) & set(" \t\n\r\"'\\;")
    return escaped if plain else f'"{escaped}"'
