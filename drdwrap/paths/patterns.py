"""Shell patterns for paths, in the three languages that have to agree on them.

An entry without a slash is a pattern for a name anywhere; one with a slash is a path or a pattern
from the root, in which `*` and `?` do not match a slash. Either covers all below what it matches.
`/dir/*` therefore means the whole tree below `/dir`, the directory itself excepted.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

_SPECIAL = re.compile(rb"[*?\[\\]")


@dataclass(frozen=True)
class Pattern:
    """One pattern, as the administrator wrote it (bytes). Its three renderings match alike.

    With `directory` it is for a directory: find does not look at anything else for it.
    """

    text: bytes
    directory: bool = False

    @property
    def anywhere(self) -> bool:
        """A name anywhere, and not a path from the root."""
        return b"/" not in self.text.rstrip(b"/")

    @property
    def body(self) -> bytes:
        """The pattern, relative to the root, without slashes around it. A backslash that ends it is
        itself, and doubled."""
        body = re.sub(rb"/+", b"/", self.text).strip(b"/")
        last = body[len(body.rstrip(b"\\")) :]
        return body + last[: len(last) % 2]

    @property
    def regex(self) -> bytes:
        """A regular expression for whole relative paths: the match or anything below."""
        start = rb"(?:.*/)?" if self.anywhere else b""
        return start + _translate(self.body, b"[^/]*", b"[^/]") + rb"(?:/.*)?"

    @property
    def find_test(self) -> list[bytes]:
        """The find(1) test for what the pattern matches itself; prune it and all below is gone.

        A path is tested as find names it from `.`; -name and -path take fnmatch(3) patterns, in
        which `*` matches a slash with -path: patterns of paths go to -regex for that reason.
        """
        if self.anywhere:
            return [b"-name", self.body, b"!", b"-path", b"."]  # the root has no name
        if not _SPECIAL.search(self.body):
            return [b"-path", b"./" + self.body]
        return [b"-regex", rb"\./" + _translate(self.body, b"[^/]*", b"[^/]", posix=True)]

    @property
    def rsync_patterns(self) -> tuple[bytes, bytes]:
        r"""The patterns of two exclude rules of rsync's: for what the pattern matches, and for all
        below that, which rsync needs where it does not walk a tree but goes by a list.

        rsync reads a backslash as itself unless the pattern has a wildcard elsewhere, and two stars
        as one that matches slashes too.
        """
        pattern = re.sub(rb"(\\.)|\*+", lambda m: m[1] or b"*", self.body, flags=re.DOTALL)
        if not self.anywhere:
            pattern = b"/" + pattern
        below = pattern + b"/**"
        if b"\\" in pattern and not re.search(rb"[*?\[]", pattern):
            pattern = re.sub(rb"\\(.)", rb"\1", pattern, flags=re.DOTALL)
        return pattern, below


def problem_of(text: str) -> str:
    """What is wrong with a pattern, or the empty string. find, rsync and we must read it alike."""
    try:
        pattern = Pattern(os.fsencode(text))
    except UnicodeEncodeError:
        return ""  # no file name can hold that: a matter of the text, not of the pattern
    if re.search(rb"\[[:.=]", pattern.text):
        return "character classes such as [:digit:] are not supported; write [0-9]"
    try:
        re.compile(pattern.regex, re.DOTALL)
    except re.error as error:
        return f"is not a shell pattern: {error.msg}"
    return ""


def literal(path: bytes) -> Pattern:
    """The pattern that matches `path` (absolute, or relative to the root) and nothing else."""
    return Pattern(b"/" + re.sub(rb"([*?\[\\])", rb"\\\1", path.lstrip(b"/")))


@dataclass(frozen=True)
class PatternList:
    """Patterns that are asked together: does any of them cover a path?"""

    patterns: Sequence[Pattern]
    _cache: dict[bytes, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, texts: Iterable[str | bytes]) -> "PatternList":
        """From what the configuration has. Empty entries are dropped."""
        encoded = (os.fsencode(text) for text in texts)
        return cls(tuple(Pattern(text) for text in encoded if text.strip(b"/")))

    @cached_property
    def _expression(self) -> re.Pattern[bytes]:
        return re.compile(b"|".join(pattern.regex for pattern in self.patterns), re.DOTALL)

    def cover(self, path: bytes) -> bool:
        """Whether `path`, relative to the root, is matched or lies below what is matched."""
        return bool(self.patterns) and self._expression.fullmatch(path) is not None

    def covering(self, path: bytes) -> Pattern | None:
        """The first pattern that covers `path`, for an explanation."""
        for pattern in self.patterns:
            if re.fullmatch(pattern.regex, path, re.DOTALL):
                return pattern
        return None


def _translate(body: bytes, star: bytes, any_one: bytes, posix: bool = False) -> bytes:
    """A shell pattern as a regular expression: Python's, or POSIX extended for find."""
    result = b""
    index = 0
    while index < len(body):
        character = body[index : index + 1]
        index += 1
        if character == b"*":
            while body[index : index + 1] == b"*":
                index += 1
            result += star
        elif character == b"?":
            result += any_one
        elif character == b"[" and (end := _end_of_set(body, index)) > 0:
            result += _set(body[index:end], posix)
            index = end + 1
        else:
            if character == b"\\" and index < len(body):
                character = body[index : index + 1]
                index += 1
            result += _quoted(character, posix)
    return result


def _end_of_set(body: bytes, start: int) -> int:
    """The index of the `]` that closes the set begun before `start`, or -1: then `[` is itself."""
    first = start + 1 if body[start : start + 1] in (b"!", b"^") else start
    end = body.find(b"]", first + 1)
    return -1 if b"/" in body[first:end] else end


def _set(members: bytes, posix: bool) -> bytes:
    negated = members[:1] in (b"!", b"^")
    if negated:
        members = members[1:]
    if not posix:
        members = re.sub(rb"([\\\[\]&~|^])", rb"\\\1", members)
    return (b"[^/" if negated else b"[") + members + b"]"


def _quoted(character: bytes, posix: bool) -> bytes:
    if not posix:
        return re.escape(character)
    return b"\\" + character if character in b".[]{}()*+?|^$\\" else character
