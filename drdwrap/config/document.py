"""YAML text as plain data, with the line of every key and with every flaw at once.

It reads the nodes of PyYAML, which know their lines: ruamel.yaml knows lines too, but it stops at
the first flaw and would be one more dependency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drdwrap.config.problem import KeyPath, Problem, shown

if TYPE_CHECKING:
    import yaml

_TAG = "tag:yaml.org,2002:"
# No setting is a date, so 2024-01-01 is text; << and = are special in YAML 1.1 alone.
_TEXT_TAGS = {_TAG + name for name in ("str", "timestamp", "value", "merge")}
_MOST = 100_000
_VALUE_TAGS = {_TAG + name for name in ("int", "float", "bool", "null")}


@dataclass
class Document:
    """What a YAML text says. `lines` has the line (from 1) of each key and list item.

    Where a value could not be understood, `data` holds a substitute, and the path is in `spoiled`:
    it has a problem already.
    """

    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spoiled: set[KeyPath] = field(default_factory=set)

    def line(self, path: KeyPath) -> int:
        """The line of `path`, or of the nearest key or item around it; otherwise 1."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse(text: str) -> Document:
    """The one YAML document in `text`. Its `data` is None if `text` is empty or not YAML.

    Nothing is raised. Every flaw becomes a problem with a line: a syntax error, a key that is set
    twice, a key that is not text, a tag, a value that is not what YAML takes it for.
    """
    import yaml

    document = Document()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            document.data = _Builder(document).build(node, ())
        return document
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = ": ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else 1
    except yaml.reader.ReaderError as error:
        reason = f"the character #x{ord(text[error.position]):04x}"
        line = text.count("\n", 0, error.position) + 1
    except RecursionError:
        reason, line = "nested too deeply", 1
    except _TooManyError:
        reason, line = f"more than {_MOST} values, since aliases (*) multiply them", 1
    except (ValueError, OverflowError):
        # In PyYAML chr() fails on an escape beyond Unicode, and int() on a huge %YAML version.
        reason, line = "a number is too large", 1
    return Document(problems=[Problem(f"not YAML: {shown(reason)}", line=line)], spoiled={()})


class _TooManyError(Exception):
    """The data would have more than `_MOST` values."""


class _Builder:
    """Turns the nodes of one document into data."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: set[int] = set()
        self._built = 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        """The value of `node`, which is at `path`."""
        import yaml

        self._built += 1
        if self._built > _MOST:  # each alias is a copy, and may hold others
            raise _TooManyError
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            self._flaw("refers to itself", path, node)
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                self._check_tag(node, "map", path)
                return self._mapping(node, path)
            self._check_tag(node, "seq", path)
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        finally:
            self._open.remove(id(node))

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        import yaml

        data: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._flaw("a key must be text", path, key)
                continue
            inner = (*path, key.value)
            if key.value in data:
                first = self._document.lines[inner]
                self._flaw(f"is set twice, first in line {first}", inner, key, spoils=False)
                continue
            self._document.lines[inner] = key.start_mark.line + 1
            data[key.value] = self.build(value, inner)
        return data

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        import yaml

        text = str(node.value)
        if node.tag in _TEXT_TAGS:
            return text
        if node.tag not in _VALUE_TAGS:
            self._flaw(f"the tag {shown(node.tag)} has no meaning here", path, node)
            return text
        try:
            value = yaml.SafeLoader("").construct_object(node)
            # YAML 1.1 reads 010 as 8 and 1:30 as 90.
            misread = isinstance(value, int) and node.tag == _TAG + "int" and text != str(value)
        except (yaml.YAMLError, ValueError, LookupError, OverflowError):
            misread = True
        if misread:
            kind = node.tag.removeprefix(_TAG)
            self._flaw(f"'{shown(text[:40])}' is not a plain {kind}", path, node)
            return text
        return value

    def _check_tag(self, node: yaml.Node, expected: str, path: KeyPath) -> None:
        if node.tag != _TAG + expected:
            self._flaw(f"the tag {shown(node.tag)} has no meaning here", path, node)

    def _flaw(self, message: str, path: KeyPath, node: yaml.Node, spoils: bool = True) -> None:
        if spoils:
            self._document.spoiled.add(path)
        self._document.problems.append(Problem(message, path, node.start_mark.line + 1))
