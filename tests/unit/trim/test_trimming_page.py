"""docs/trimming.md has every place that the program has, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from drdwrap.trim import locations, script_written

PAGE = Path(__file__).parents[3] / "docs" / "trimming.md"
HPUX = (
    "/var/adm",
    "/var/opt/drd",
    "/stand",
    "/etc/lvmconf",
    "/etc/lvmtab",
    "/etc/lvmpvg",
    "/etc/vx",
)


def test_the_page_names_every_place_and_no_other() -> None:
    known = {
        place
        for places in (locations.BUILT_IN, script_written.PLACES, script_written.ALWAYS)
        for place, _ in places
    }
    written = set(re.findall(r"`(/[^`]*|\*\.[^`]*)`", PAGE.read_text()))
    assert known <= written
    patterns = {text for text in written if "*" in text and "<" not in text and len(text) > 2}
    assert {text for text in patterns - known if not text.startswith(HPUX)} == set()
