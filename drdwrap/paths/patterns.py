"""Shell patterns for paths, for the three languages that have to agree on them.

A pattern without a slash matches a name anywhere. A pattern with a slash matches a path from the
root; in it `*` and `?` do not match a slash. Both also cover everything below what they match, so
`/dir/*` means everything below `/dir`, without the directory itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import encoded

_SPECIAL = re.compile(rb"[*?\[\\]")


@dataclass(frozen=True)
class Pattern:
    """One pattern, as the administrator wrote it (bytes). Its three renderings match alike.

    `directory`: the pattern is for directories, so find tests nothing else with it.
    """

    text: bytes
    directory: bool = False

    @property
    def anywhere(self) -> bool:
        """Whether it matches a name anywhere, not a path from the root."""
        return b"/" not in self.text.rstrip(b"/")

    @property
    def body(self) -> bytes:
        """The pattern relative to the root, without slashes around it. A backslash at its end is an
        ordinary character, so it is doubled."""
        body = re.sub(rb"/+", b"/", self.text).strip(b"/")
        last = body[len(body.rstrip(b"\\")) :]
        return body + last[: len(last) % 2]

    @property
    def regex(self) -> bytes:
        """A regular expression for whole relative paths: a match, or anything below one."""
        start = rb"(?:.*/)?" if self.anywhere else b""
        return start + _translate(self.body, b"[^/]*", b"[^/]") + rb"(?:/.*)?"

    @property
    def find_test(self) -> list[bytes]:
        """The find(1) test for what the pattern itself matches. If that is pruned, so is everything
        below.

        find tests paths as it names them from `.`. In a pattern of -path `*` matches a slash (see
        fnmatch(3)), so patterns for paths are given to -regex.
        """
        if self.anywhere:
            return [b"-name", self.body, b"!", b"-path", b"."]  # the root has no name
        if not _SPECIAL.search(self.body):
            return [b"-path", b"./" + self.body]
        return [b"-regex", rb"\./" + _translate(self.body, b"[^/]*", b"[^/]", posix=True)]

    @property
    def rsync_patterns(self) -> tuple[bytes, bytes]:
        r"""The patterns of two exclude rules for rsync: one for what the pattern matches, one for
        everything below. rsync needs the second if it works through a list instead of a tree.

        To rsync a backslash is an ordinary character unless the pattern has a wildcard, and two
        stars also match slashes.
        """
        pattern = re.sub(rb"(\\.)|\*+", lambda m: m[1] or b"*", self.body, flags=re.DOTALL)
        if not self.anywhere:
            pattern = b"/" + pattern
        below = pattern + b"/**"
        if b"\\" in pattern and not re.search(rb"[*?\[]", pattern):
            pattern = re.sub(rb"\\(.)", rb"\1", pattern, flags=re.DOTALL)
        return pattern, below


def problem_of(text: str) -> str:
    """What is wrong with a pattern; empty if it can match a path, and find, rsync and drdwrap all
    read it alike."""
    try:
        pattern = Pattern(encoded(text))
    except UnicodeEncodeError:
        return ""  # no file name can hold that text: the schema says so
    if problem := _matches_nothing(pattern):
        return problem
    if re.search(rb"\[[:.=]", pattern.text):
        return "character classes such as [:digit:] are not supported; write [0-9]"
    try:
        re.compile(pattern.regex, re.DOTALL)
    except re.error as error:
        return f"is not a shell pattern: {error.msg}"
    return ""


def _matches_nothing(pattern: Pattern) -> str:
    """Why no path can match, and what to write instead; empty if one can."""
    text = pattern.text
    if text.startswith(b"!"):
        return (
            "matches nothing: '!' does not make an exception; leave the entry out, or write \\! for"
            " a name that begins with it"
        )
    if text.startswith(b"~") and b"/" in text:
        return (
            "matches nothing: '~' is not a home directory here; write the whole path, as /root/..."
        )
    if b"/" in text.rstrip(b"/") and not text.startswith(b"/"):
        whole = b"/" + re.sub(rb"^[ \t]*(?:\.{1,2}/+)*/*", b"", text)
        return f"matches nothing: a path begins at the root; write {for_screen(whole)}"
    if {b".", b".."} & {*pattern.body.split(b"/")}:
        return "matches nothing: no file is named '.' or '..'; write the path without them"
    return ""


def literal(path: bytes) -> Pattern:
    """The pattern that matches `path` (absolute, or relative to the root) and nothing else."""
    return Pattern(b"/" + re.sub(rb"([*?\[\\])", rb"\\\1", path.lstrip(b"/")))


@dataclass(frozen=True)
class PatternList:
    """Several patterns. The question is whether any of them covers a path."""

    patterns: Sequence[Pattern]
    _cache: dict[bytes, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, texts: Iterable[bytes]) -> "PatternList":
        """From the configuration's entries. Empty ones are dropped."""
        return cls(tuple(Pattern(text) for text in texts if text.strip(b"/")))

    @cached_property
    def _expression(self) -> re.Pattern[bytes]:
        return re.compile(b"|".join(pattern.regex for pattern in self.patterns), re.DOTALL)

    def cover(self, path: bytes) -> bool:
        """Whether a pattern matches `path` (relative to the root) or a directory above it."""
        return bool(self.patterns) and self._expression.fullmatch(path) is not None

    def covering(self, path: bytes) -> Pattern | None:
        """The first pattern that covers `path`, or None."""
        for pattern in self.patterns:
            if re.fullmatch(pattern.regex, path, re.DOTALL):
                return pattern
        return None


def _translate(body: bytes, star: bytes, any_one: bytes, posix: bool = False) -> bytes:
    """A shell pattern as a regular expression, for Python or (POSIX extended) for find."""
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
    """The index of the `]` that closes the set opened before `start`; -1 if there is no set."""
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
