"""The schema made readable: the commented sample file, the list of keys, the reference page."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from drdwrap.config.schema import Setting, settings

_WIDTH = 78

_SAMPLE_HEAD = """\
# The configuration of drdwrap: /etc/drdwrap/drdwrap.yaml
#
# Every key is shown with its default, which it also has if it is left out. Hooks
# run as root, so drdwrap refuses this file if group or others can write it.
"""

_REFERENCE_HEAD = """\
# Configuration

<!-- Generated from drdwrap/config/schema.yaml: edit that, then run
python -c 'from drdwrap.config.sample import reference; print(reference(), end="")' -->

drdwrap reads `/etc/drdwrap/drdwrap.yaml`, or the file that `--config` names. The file is YAML.
Every key may be left out and has its default then; without the file, all keys have theirs.
`drdwrap config sample` prints a commented file with every key. `drdwrap config check` reports
every problem of a file, with its key and line. Hooks run as root, so drdwrap refuses a file that
group or others can write, or that belongs neither to root nor to the caller.

`-x key=value`, before the command or after it, sets a key for one run. The key is dotted and the
value YAML, as in `-x clone.require_mount=false` or `-x 'exclude_list=["*.core", /srv/scratch]'`.
`-X FILE` reads such lines from a file and skips blank lines and those that begin with `#`. `-X`
overrides the configuration file, and `-x` overrides both. If a key is set several times, the last
value holds. A list replaces the list that it overrides. `-x '?'` lists the keys.

Paths are UTF-8, whatever the locale says. A byte that is not UTF-8 is written `\\udcXX` in double
quotes, where XX is the byte in hexadecimal: `"/srv/caf\\udce9"`.
"""


def sample() -> str:
    """A commented configuration file that sets every key to its default."""
    blocks = [_SAMPLE_HEAD]
    for setting in settings():
        blocks.append("".join(f"{line}\n" for line in _sample_lines(setting)))
    return "\n".join(blocks)


def keys() -> list[tuple[str, str, str]]:
    """Each key that has a value: dotted key, default as flow YAML, first sentence about it."""
    return [
        (setting.key, flow(setting.schema["default"]), setting.summary)
        for setting in settings()
        if not setting.is_section
    ]


def reference() -> str:
    """The reference page, in Markdown."""
    rows = [f"| [`{key}`](#{_anchor(key)}) | `{default}` |" for key, default, _ in keys()]
    table = "\n".join(["| key | default |", "|---|---|", *rows]) + "\n"
    return "\n".join([_REFERENCE_HEAD, table, *(_entry(setting) for setting in settings())])


def _sample_lines(setting: Setting) -> Iterator[str]:
    indent = "  " * setting.depth
    yield from _wrapped(setting.description, indent + "# ")
    if setting.is_section:
        yield f"{indent}{setting.name}:"
        return
    for example in setting.schema["examples"]:
        yield f"{indent}# Example: {setting.name}: {flow(example)}"
    yield f"{indent}{setting.name}: {flow(setting.schema['default'])}"


def _entry(setting: Setting) -> str:
    heading = "#" * (setting.depth + 2)
    lines = [f"{heading} {setting.key}", "", *_wrapped(setting.description, "", _WIDTH + 20)]
    if not setting.is_section:
        examples = ", ".join(f"`{flow(example)}`" for example in setting.schema["examples"])
        lines += [
            "",
            f"- Value: {value_in_words(setting)}",
            f"- Default: `{flow(setting.schema['default'])}`",
            f"- Example: {examples}",
        ]
    return "\n".join(lines) + "\n"


def value_in_words(setting: Setting) -> str:
    """What may be the value, in words."""
    if "enum" in setting.schema:
        return " or ".join(f"`{choice}`" for choice in setting.schema["enum"])
    if setting.schema.get("type") == "boolean":
        return "`true` or `false`"
    return str(setting.schema["title"])


def _anchor(key: str) -> str:
    """The fragment that Markdown renderers give the heading `key`."""
    return key.replace(".", "")


def _wrapped(text: str, prefix: str, width: int = _WIDTH) -> list[str]:
    return wrap(text, width, initial_indent=prefix, subsequent_indent=prefix,
                break_long_words=False, break_on_hyphens=False)  # fmt: skip


def flow(value: Any) -> str:
    """`value` as YAML on one line."""
    import yaml

    text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    return text.removesuffix("...\n").strip()
