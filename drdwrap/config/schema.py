"""The schema, and the walk over the settings that it describes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """One key of the configuration. A section holds further keys; any other has a default.

    `key` is dotted; `schema` is its part of the schema, with the definition that it refers to.
    """

    key: str
    schema: Schema

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition(".")[2]

    @property
    def depth(self) -> int:
        """How many sections the key is in."""
        return self.key.count(".")

    @property
    def is_section(self) -> bool:
        """Whether this is a mapping of further keys."""
        return "properties" in self.schema

    @property
    def description(self) -> str:
        """What it means, in whole sentences."""
        return str(self.schema["description"])

    @property
    def summary(self) -> str:
        """The first sentence of the description."""
        first, separator, _ = self.description.partition(". ")
        return first + "." if separator else first


@cache
def schema() -> Schema:
    """The whole schema, as `schema.yaml` has it."""
    import yaml

    text = Path(__file__).with_name("schema.yaml").read_text(encoding="utf-8")
    # The parser written in C, where there is one, is ten times faster.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    whole: Schema = yaml.load(text, Loader=loader)  # noqa: S506 (both are safe)
    return whole


def settings() -> Iterator[Setting]:
    """Every setting in the order of the schema, a section before its keys."""
    return _settings(schema(), "")


def _settings(section: Schema, prefix: str) -> Iterator[Setting]:
    for name, part in section["properties"].items():
        setting = Setting(prefix + name, _resolved(part))
        yield setting
        if setting.is_section:
            yield from _settings(setting.schema, setting.key + ".")


def _resolved(part: Schema) -> Schema:
    """`part` over the definition that its `$ref` names, if any."""
    if "$ref" not in part:
        return part
    name = part["$ref"].removeprefix("#/$defs/")
    return {**schema()["$defs"][name], **part}


def with_defaults(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """`mapping` (validated, nested) with the default of every key that it does not set."""
    return _with_defaults(schema(), mapping)


def _with_defaults(section: Schema, mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _with_defaults(part, mapping.get(name, {}))
        if "properties" in part
        else mapping.get(name, part.get("default"))
        for name, part in section["properties"].items()
    }
