"""What holds for any configuration."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from drdwrap.config.load import load
from drdwrap.config.model import from_mapping
from drdwrap.config.schema import schema
from drdwrap.config.validation import violations
from drdwrap.errors import ConfigError

TEXTS = st.text() | st.sampled_from(["/", "/srv/x", "a\nb", "..", "/..", "-n", "--fsync", "/\x00"])
PATHS = st.text().map(lambda text: f"/x{text}")
OPTIONS = st.sampled_from(["-v", "--fsync", "--bwlimit=5", "--delete"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS


def values(part: Any) -> st.SearchStrategy[Any]:
    """Values for a part of the schema that are of the right type, but not always valid."""
    if "$ref" in part:
        return values(schema()["$defs"][part["$ref"].rpartition("/")[2]] | {"x": part})
    if "properties" in part:
        each = {name: values(inner) for name, inner in part["properties"].items()}
        return st.fixed_dictionaries({}, optional=each)
    if "enum" in part:
        return st.sampled_from(part["enum"])
    if "allOf" in part:
        return OPTIONS
    examples = st.sampled_from([part["default"]]) if "default" in part else st.nothing()
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "integer": st.integers(min_value=0),
        "string": PATHS | PATHS | TEXTS | st.from_regex(r"\A[0-9]{1,3}(\.[0-9])?%\Z"),
        "null": st.none(),
        "array": st.lists(values(part["items"]), max_size=3) if "items" in part else st.nothing(),
    }
    return examples | st.one_of([by_kind[kind] for kind in kinds])


def load_bytes(data: bytes) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "drdwrap.yaml"
        path.write_bytes(data)
        path.chmod(0o600)
        load(path)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(values(schema()))
def test_what_validates_loads_and_means_the_same_from_yaml(mapping: dict[str, Any]) -> None:
    assume(not violations(mapping))
    config = from_mapping(mapping)
    assert config.deletion_limit(1000) >= 0
    with TemporaryDirectory() as directory:
        path = Path(directory) / "drdwrap.yaml"
        path.write_text(yaml.safe_dump(mapping), encoding="utf-8")
        path.chmod(0o600)
        assert load(path) == config


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_any_data_loads_or_is_a_config_error(data: object) -> None:
    try:
        load_bytes(yaml.safe_dump(data).encode("utf-8", "surrogatepass"))
    except ConfigError as error:
        assert error.problems


@settings(max_examples=300)
@given(
    st.binary()
    | st.text().map(lambda text: text.encode())
    | st.text(alphabet="{}[]:,-&*!|>%@`'\"?#\n 01ax~/<=.\\u").map(lambda text: text.encode())
)
def test_any_garbage_loads_or_is_a_config_error(data: bytes) -> None:
    try:
        load_bytes(data)
    except ConfigError as error:
        assert all(problem.isprintable() for problem in error.problems)


@given(
    st.text() | st.tuples(st.sampled_from(["layout=", "clone=", "hooks="]), st.text()).map("".join)
)
def test_any_override_loads_or_is_a_config_error(override: str) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "drdwrap.yaml"
        path.touch(0o600)
        try:
            load(path, [override])
        except ConfigError as error:
            assert all(problem.isprintable() for problem in error.problems)
