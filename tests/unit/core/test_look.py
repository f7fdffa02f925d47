"""Which attributes count, with a stand-in for file systems that a test machine may not have."""

from __future__ import annotations

import os

import pytest

from drdwrap.inventory.hidden import attributes
from drdwrap.rsync.command import attribute_rules


def test_what_a_file_system_shows_of_its_own_is_no_attribute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = ["btrfs.compression", "trusted.SGI_ACL_FILE", "user.drdwrap"]
    monkeypatch.setattr(os, "listxattr", lambda *_, **__: ["user.note", *own])
    monkeypatch.setattr(os, "getxattr", lambda _path, name, **__: name.encode())
    assert attributes(b"/etc/motd") == {"user.note": b"user.note"}
    rules = attribute_rules()
    assert {"--filter=-x btrfs.*", "--filter=-x trusted.SGI_ACL_FILE"} <= set(rules)
