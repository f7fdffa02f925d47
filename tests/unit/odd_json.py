"""JSON that nobody meant: any value, or a good one with something odd in the place of a part."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**18, max_value=10**30)
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["\ud800", "\udcff", "a\0b", "../x", "/x", "", "2026-11-23 17:20:05", "\x1b["]
    )
)
ANY = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
GARBAGE = st.binary() | st.sampled_from(
    [b"", b"{", b"[" * 3000, b'{"a":' * 2000, b"\xff\xfe{\0}\0", b"1e999", b"NaN", b"9" * 5000]
)


def dumped(value: object) -> bytes:
    """As Python writes it; so with Infinity and NaN, and with halves of surrogate pairs."""
    return json.dumps(value).encode()


def odd_json(good: object) -> st.SearchStrategy[bytes]:
    """Bytes to find in a file that should hold JSON such as `good`."""
    return GARBAGE | ANY.map(dumped) | spoiled(good).map(dumped)


@st.composite
def spoiled(draw: st.DrawFn, good: object) -> object:
    """`good`, with one part replaced or missing."""
    whole = {"": copy.deepcopy(good)}
    container: Any = whole
    key: Any = ""
    while isinstance(container[key], dict | list) and container[key] and draw(st.booleans()):
        container = container[key]
        keys = sorted(container) if isinstance(container, dict) else range(len(container))
        key = draw(st.sampled_from(keys))
    if container is not whole and draw(st.booleans()):
        del container[key]
    else:
        container[key] = draw(ANY)
    return whole[""]
