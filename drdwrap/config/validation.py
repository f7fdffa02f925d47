"""Where a configuration violates the schema, in words for an administrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from drdwrap.config.problem import KeyPath, Problem, dotted, shown
from drdwrap.config.schema import Schema, schema, settings
from drdwrap.paths.patterns import problem_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_NOT_OF_TYPE = {
    "string": "must be text",
    "array": "must be a list",
    "boolean": "must be true or false",
    "integer": "must be a whole number",
}


def without_empty_sections(data: Any) -> Any:
    """`data` without sections that set nothing: if all keys are commented out, YAML says null."""
    if data is None:
        return {}
    if not isinstance(data, dict):
        return data
    sections = {setting.key for setting in settings() if setting.is_section}
    return {key: value for key, value in data.items() if value is not None or key not in sections}


def violations(data: Any) -> list[Problem]:
    """Every violation of the schema in `data` (plain data, as from YAML), without lines."""
    if data == {}:  # as without a file; jsonschema takes longer to import than everything else
        return []
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else "a single value"
        return [Problem(f"must be made of keys and values, such as 'layout: lvm', not {kind}")]

    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(())
    formats.checks("shell-pattern")(lambda text: not (isinstance(text, str) and problem_of(text)))
    found: dict[Problem, None] = {}
    for error in Draft202012Validator(schema(), format_checker=formats).iter_errors(data):
        path = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            found.update(dict.fromkeys(_unknown_keys(error.schema, error.instance, path)))
        else:
            found[Problem(_message(error), path)] = None
    return list(found)


def unknown_key(key: str) -> str:
    """The message for a dotted `key` that is not in the schema, with a guess at what was meant."""
    from difflib import get_close_matches

    known = [
        setting.key
        for setting in settings()
        if not (setting.is_section and key.startswith(setting.key + "."))
    ]
    name = key.rpartition(".")[2]
    elsewhere = [other for other in known if other.rpartition(".")[2] == name]
    guess = get_close_matches(key, known, n=1, cutoff=0.75) or elsewhere
    return f"unknown key; did you mean '{guess[0]}'?" if guess else "unknown key"


def _unknown_keys(section: Any, data: Mapping[str, Any], path: KeyPath) -> Iterator[Problem]:
    for name in data:
        if name not in section["properties"]:
            yield Problem(unknown_key(dotted((*path, name))), (*path, name))


def _message(error: ValidationError) -> str:
    part: Any = error.schema
    keyword = str(error.validator)
    own: str | None = part.get("x-messages", {}).get(keyword)
    if own:
        return own.replace("{value}", shown(str(error.instance)))
    if keyword == "enum":
        return f"must be one of: {', '.join(part['enum'])}"
    if keyword == "format":
        return problem_of(str(error.instance))
    if keyword == "type":
        return _type_message(part, error.instance)
    return shown(error.message)


def _type_message(part: Schema, value: object) -> str:
    expected = part["type"]
    if expected == "object":
        return f"must be a section with the keys {', '.join(part['properties'])}"
    message = _NOT_OF_TYPE[expected]
    if expected == "array":
        hint = "; [] is the empty one" if value is None else ", in [ ] or with a '-' for each item"
        return message + hint
    if expected == "string" and isinstance(value, bool | int | float):
        return f"{message}; put it in quotes"
    return message
