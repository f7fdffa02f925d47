"""The sample file, the list of keys and the reference page agree with the schema."""

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from unit.config.conftest import Write

from drdwrap.config.load import load
from drdwrap.config.model import from_mapping
from drdwrap.config.sample import keys, reference, sample
from drdwrap.config.schema import Setting, schema, settings
from drdwrap.config.validation import violations

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"
LEAVES = [setting for setting in settings() if not setting.is_section]


def nested(key: str, value: object) -> object:
    for name in reversed(key.split(".")):
        value = {name: value}
    return value


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_sample_loads_to_exactly_the_defaults(write: Write) -> None:
    assert load(write(sample())) == from_mapping({})


def test_the_sample_sets_every_key(write: Write) -> None:
    data = yaml.safe_load(sample())
    for setting in LEAVES:
        section = data
        for name in setting.key.split("."):
            section = section[name]
        assert section == setting.schema["default"]


def test_the_reference_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), "its head says how to write it again"


@pytest.mark.parametrize("setting", LEAVES, ids=lambda setting: str(setting.key))
def test_defaults_and_examples_are_valid(setting: Setting) -> None:
    for value in [setting.schema["default"], *setting.schema["examples"]]:
        assert violations(nested(setting.key, value)) == []


def test_each_key_is_listed_with_its_default_and_one_sentence() -> None:
    listed = keys()
    assert ("clone.require_mount", "true") in [entry[:2] for entry in listed]
    assert ("max_deletions", "10%") in [entry[:2] for entry in listed]
    assert [entry[0] for entry in listed] == [setting.key for setting in LEAVES]
    assert all(summary.endswith(".") and len(summary) < 90 for _, _, summary in listed)
