"""The marker on the clone."""

import json
import os
from pathlib import Path

from drdwrap.record import marker


def test_the_marker_is_an_attribute_of_the_root(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    assert marker.read(root) is None
    marker.write(root, marker.Marker("id", 5))
    assert marker.read(root) == marker.Marker("id", 5)
    assert os.listdir(tmp_path) == []
    os.setxattr(root, "user.drdwrap", b"not json")
    assert marker.read(root) not in (None, marker.Marker("id", 5))


def test_the_record_id_is_named_pair_on_the_clone(tmp_path: Path) -> None:
    """As in the records and markers that earlier versions have written."""
    root = os.fsencode(tmp_path)
    marker.write(root, marker.Marker("0123", 5))
    assert json.loads(os.getxattr(root, "user.drdwrap")) == {"pair": "0123", "generation": 5}
    os.setxattr(root, "user.drdwrap", b'{"generation": 6, "pair": "4567"}')
    assert marker.read(root) == marker.Marker("4567", 6)
