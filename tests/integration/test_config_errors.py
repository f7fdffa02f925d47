"""A bad configuration gets every problem at once, each with key and line, and exit 1."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence

import pytest
import yaml

from .lab.files import put
from .lab.pair import Pair
from .lab.program import become_nobody, closed_to_others


def refused(pair: Pair, *command: str) -> str:
    before = pair.both(ctimes=True)
    told = pair.run(*(command or ("sync",)), ok=1).stderr.decode()
    assert told.strip()
    assert pair.both(ctimes=True) == before
    return told


def write(pair: Pair, text: str) -> None:
    pair.config.write_text(text)
    pair.config.chmod(0o600)


def valid(pair: Pair) -> str:
    return pair.config.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "layout: [unclosed\n",
        "layout: directories\n  bad: indent\n",
        "\tlayout: directories\n",
        "layout: directories\nlayout: lvm\n",
        "just text\n",
        "- a\n- list\n",
        "a: &anchor [*anchor]\n",
        "layout: !!python/object/apply:os.system ['true']\n",
        "\x00\n",
        "",
    ],
)
def test_malformed_yaml_is_refused(pair: Pair, text: str) -> None:
    write(pair, text)
    refused(pair)


def test_a_file_that_is_not_utf8_is_refused(pair: Pair) -> None:
    pair.config.write_bytes(b"layout: \xff\xfe\n")
    refused(pair)


def test_a_missing_file_is_named(pair: Pair) -> None:
    pair.config.unlink()
    assert str(pair.config) in refused(pair)


def test_a_directory_in_its_place_is_named(pair: Pair) -> None:
    pair.config.unlink()
    pair.config.mkdir()
    assert str(pair.config) in refused(pair)


def test_a_file_that_cannot_be_read_is_named(pair: Pair) -> None:
    if reason := closed_to_others():
        pytest.skip(reason)
    pair.config.chmod(0)
    pair.home.chmod(0o711)
    done = pair.start("config", "check", prepare=become_nobody).wait()
    assert done.returncode == 1
    assert f"{pair.config}: cannot be read: Permission denied" in done.stderr.decode()


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(pair: Pair, mode: int) -> None:
    pair.config.chmod(mode)
    assert "writ" in refused(pair)


def test_a_file_that_a_group_can_write_by_acl_is_refused(pair: Pair) -> None:
    subprocess.run(["setfacl", "-m", "u:1001:rw", pair.config], check=True)
    refused(pair)


def test_a_file_of_another_user_is_refused(pair: Pair) -> None:
    """Who owns it can write it, whatever its mode says."""
    os.chown(pair.config, 1001, 0)
    refused(pair)


def test_every_problem_is_told_at_once_with_key_and_line(pair: Pair) -> None:
    text = valid(pair) + "\n".join(
        ["nonsense: 1", "deletions: maybe", "hooks: {before: text}", "packages: 7", ""]
    )
    write(pair, text.replace("packages: none\n", ""))
    told = refused(pair)
    lines = text.replace("packages: none\n", "").splitlines()
    for key in ("nonsense", "deletions", "hooks", "packages"):
        number = next(n for n, line in enumerate(lines, 1) if line.startswith(f"{key}:"))
        assert re.search(rf"(?m)^.*\b{number}\b.*{key}|{key}.*\b{number}\b", told), (key, told)


def test_a_nested_key_is_named_with_its_path(pair: Pair) -> None:
    pair.configure(clone={"require_mount": "perhaps", "colour": "red"})
    told = refused(pair)
    assert "clone.require_mount" in told
    assert "clone.colour" in told or ("clone" in told and "colour" in told)


@pytest.mark.parametrize(
    "overrides",
    [
        {"max_deletions": "many"},
        {"max_deletions": -1},
        {"max_deletions": "-5%"},
        {"exclude_list": "text"},
        {"exclude_list": [1]},
        {"booted": {"root": 7}},
        {"booted": {"root": "relative/path"}},
        {"clone": {"root": ""}},
        {"layout": "raid"},
        {"kept_together": ["not a set"]},
        {"rsync": {"options": "--delete"}},
        {"non_synced_locations": ["/x"]},
        {"state_dir": None},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(pair: Pair, overrides: dict[str, object]) -> None:
    pair.configure(**overrides)
    assert next(iter(overrides)) in refused(pair)


def test_check_of_a_good_file_is_content(pair: Pair) -> None:
    pair.run("config", "check")


def test_check_of_a_bad_file_tells_every_problem(pair: Pair) -> None:
    pair.configure(nonsense=1, deletions="maybe")
    told = pair.run("config", "check", ok=1)
    assert b"nonsense" in told.stdout + told.stderr
    assert b"deletions" in told.stdout + told.stderr


def test_the_sample_is_a_valid_file_of_comments_and_defaults(pair: Pair) -> None:
    sample = pair.run("config", "sample").stdout.decode()
    assert "#" in sample
    write(pair, sample)
    pair.run("config", "check")
    loaded = yaml.safe_load(sample)
    for key in ("exclude_list", "max_deletions", "state_dir", "hooks", "kept_together"):
        assert key in loaded or f"# {key}" in sample or f"#{key}" in sample


def override(pair: Pair, *options: str, ok: int = 0) -> str:
    done = pair.run("preview", *options, ok=ok)
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize(
    "options",
    [["-x", "exclude_list=[/etc/motd]"], ["-x", 'exclude_list=["/etc/motd"]']],
)
def test_any_key_can_be_given_on_the_command_line(filled: Pair, options: Sequence[str]) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    override(filled, *options)
    assert filled.report("to_be_copied") == []


def test_a_dotted_key_given_on_the_command_line_wins(filled: Pair) -> None:
    put(filled.booted, "srv/local/x")
    override(filled, "-x", "non_synced_locations.add=[/srv/local/*]", "-x", "deletions=report")
    assert b"/srv/local/x" in filled.report("location")


def test_keys_can_be_given_before_the_command_too(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "srv/local/x")
    options = put(filled.home, "options", b"exclude_list=[/etc/motd]\n", mode=0o600)
    filled.run("-X", str(options), "-x", "non_synced_locations.add=[/srv/local/*]", "preview")
    assert filled.report("to_be_copied") == [b"/srv/local"]
    assert b"/srv/local/x" in filled.report("location")


def test_keys_can_be_given_in_a_file(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    options = put(
        filled.home,
        "options",
        b"# a comment\n\nexclude_list=[/etc/motd]\ndeletions=report\n",
        mode=0o600,
    )
    override(filled, "-X", str(options))
    assert filled.report("to_be_copied") == []


def test_an_unknown_key_on_the_command_line_is_refused(filled: Pair) -> None:
    assert "nonsense" in override(filled, "-x", "nonsense=1", ok=1)
    assert "clone.colour" in override(filled, "-x", "clone.colour=red", ok=1)


def test_a_value_of_the_wrong_kind_on_the_command_line_is_refused(filled: Pair) -> None:
    assert "deletions" in override(filled, "-x", "deletions=maybe", ok=1)


def test_the_keys_can_be_listed(filled: Pair) -> None:
    told = filled.run("sync", "-x", "?").stdout.decode()
    known = filled.json("sync", "-x", "?")["keys"]
    for key in ("exclude_list", "clone.root", "hooks.before", "max_deletions", "rsync.options"):
        assert f"{key}=" in told
        assert key in [one["key"] for one in known]
