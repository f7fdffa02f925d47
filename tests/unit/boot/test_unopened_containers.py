"""An unencrypted clone of an encrypted system: nothing on it opens a container that it lacks."""

from __future__ import annotations

from drdwrap.boot.references.device import Counterpart, Device, GroupName
from drdwrap.boot.references.in_text import References

UUID = "3f1c2d4e-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
OTHER = "11111111-2222-3333-4444-555555555555"
CONTAINER = Counterpart(Device(b"/dev/vda3", uuid=UUID), None)
GROUPS = (GroupName(b"vg00", "a"), GroupName(b"drd00", "b"))
REFERENCES = References.of([CONTAINER], *GROUPS, [UUID])


def mended(text: str) -> str:
    return REFERENCES.mended(text.encode()).decode()


def test_entries_of_crypttab_become_comments() -> None:
    text = f"""\
vda3_crypt UUID={UUID} none luks,discard
  again "UUID={UUID.upper()}" none
third /dev/disk/by-uuid/{UUID} none luks
data UUID={OTHER} none luks
"""
    lines = mended(text).splitlines()
    assert [line.startswith("# ") for line in lines] == [True, True, True, False]
    assert REFERENCES.left_in(text.encode()) == []
    assert mended(mended(text)) == mended(text)


def test_arguments_of_the_kernel_are_left_out() -> None:
    text = f'CMDLINE="quiet rd.luks.uuid=luks-{UUID} rd.luks.name={UUID}=pv splash"\n'
    assert mended(text) == 'CMDLINE="quiet splash"\n'
    kept = f'CMDLINE="rd.luks.uuid=luks-{OTHER}"\n'
    assert mended(kept) == kept


def test_other_references_to_it_are_still_reported() -> None:
    left = REFERENCES.left_in(f"KEY=/dev/disk/by-uuid/{UUID}\n".encode())
    assert [(one.line, one.mendable) for one in left] == [(1, False)]


def test_without_such_a_container_nothing_changes() -> None:
    plain = References.of([CONTAINER], *GROUPS)
    text = f"vda3_crypt UUID={UUID} none luks\n".encode()
    assert plain.mended(text) == text
