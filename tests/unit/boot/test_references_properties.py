"""In any text, mending changes references and nothing else, and a second time nothing at all."""

import os
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from drdwrap.boot.references.in_text import References

from .machine import CLONE_VG, COUNTERPARTS, ENCRYPTED, REFERENCES
from .test_references import MENDED, ON_LUKS, pairs

EXAMPLES = settings(max_examples=int(os.environ.get("DRDWRAP_EXAMPLES", "150")), deadline=None)
BOTH = st.sampled_from((REFERENCES, ENCRYPTED))

LINES = [pair for table in (MENDED, ON_LUKS) for pair in pairs(table)]
NOISE = st.sampled_from(
    [
        *(b"\n", b"\r\n", b" ", b"\t", b"#", b'"', b"'", b"=", b":", b"/", b".", b"-", b"\\"),
        *(rb"\x2d", rb"\040", b"\xff", b"\0", b"x", b"0", b"vg-sys", b"root", b"/dev/", b"dev-"),
        *(b"UUID=", b"LABEL=", b".device", b"lvm/", b"rd.lvm.lv=", b"--fs-uuid ", b"luks-"),
        *(b"/dev/vg-sys/", b"/dev/mapper/vg--sys-"),
    ]
)
# Each line ends with a newline: directly after a reference comes noise, not another reference.
PIECES = st.one_of(NOISE, st.sampled_from([text + b"\n" for pair in LINES for text in pair]))
TEXTS = st.one_of(st.lists(PIECES, max_size=12).map(b"".join), st.binary(max_size=200))


@EXAMPLES
@given(text=TEXTS, references=BOTH)
def test_mending_a_mended_text_changes_nothing(text: bytes, references: References) -> None:
    once = references.mended(text)
    assert references.mended(once) == once
    assert not any(reference.mendable for reference in references.left_in(once))


@EXAMPLES
@given(text=TEXTS, references=BOTH)
def test_a_line_that_is_not_searched_has_no_reference(text: bytes, references: References) -> None:
    every_line = replace(references.replacements, words=frozenset({b""}))
    assert replace(references, replacements=every_line).mended(text) == references.mended(text)


@EXAMPLES
@given(text=TEXTS)
def test_a_text_without_references_stays_as_it_is(text: bytes) -> None:
    if not REFERENCES.left_in(text.replace(b"#", b"")) and b"#" not in text:
        assert REFERENCES.mended(text) == text


@EXAMPLES
@given(before=st.lists(NOISE).map(b"".join), line=st.sampled_from(pairs(MENDED)))
def test_the_lines_around_a_reference_are_left_alone(before: bytes, line: list[bytes]) -> None:
    old, new = line
    around = REFERENCES.mended(before)
    assert REFERENCES.mended(before + b"\n" + old + b"\n") == around + b"\n" + new + b"\n"


@EXAMPLES
@given(
    name=st.text(st.sampled_from("ABab09+_.-"), min_size=1, max_size=8).filter(
        # Only dots mean "and so on": the directory is named.
        lambda name: name.strip(".") and not name.startswith("-")
    )
)
def test_an_unknown_volume_is_reported_and_not_mistaken_for_another(name: str) -> None:
    known = {one.booted.path.rpartition(b"-")[2].decode() for one in COUNTERPARTS}
    text = f"mount /dev/vg-sys/{name} /mnt".encode()
    if name.rstrip(".") not in known:
        assert REFERENCES.mended(text) == text
        assert [reference.mendable for reference in REFERENCES.left_in(text)] == [False]


@EXAMPLES
@given(text=TEXTS)
def test_what_names_the_clone_still_names_it(text: bytes) -> None:
    named = b"/dev/" + CLONE_VG.name + b"/root"
    assert named in REFERENCES.mended(text + b"\n" + named + b"\n")
