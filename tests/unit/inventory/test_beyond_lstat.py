"""Which attributes count. File systems that a test machine may not have are mocked."""

from __future__ import annotations

import os

import pytest

from drdwrap.inventory.beyond_lstat import attributes
from drdwrap.rsync.command import attribute_rules


def test_what_a_file_system_adds_itself_is_not_an_attribute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = ["btrfs.compression", "trusted.SGI_ACL_FILE", "user.drdwrap"]
    monkeypatch.setattr(os, "listxattr", lambda *_, **__: ["user.note", *own])
    monkeypatch.setattr(os, "getxattr", lambda _path, name, **__: name.encode())
    assert attributes(b"/etc/motd") == {"user.note": b"user.note"}
    rules = attribute_rules()
    assert {"--filter=-x btrfs.*", "--filter=-x trusted.SGI_ACL_FILE"} <= set(rules)
