"""The marker on the clone."""

import os
from pathlib import Path

from drdwrap.record import marker


def test_the_marker_is_an_attribute_of_the_root(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    assert marker.read(root) is None
    marker.write(root, marker.Marker("pair", 5))
    assert marker.read(root) == marker.Marker("pair", 5)
    assert os.listdir(tmp_path) == []
    os.setxattr(root, "user.drdwrap", b"not json")
    assert marker.read(root) not in (None, marker.Marker("pair", 5))
