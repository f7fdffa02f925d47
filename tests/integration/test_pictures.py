"""The pictures in docs/pictures show what the program says today."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.pictures.__main__ import HERE, PICTURES

ROOT = Path(__file__).parents[2]


def lines(picture: Path) -> list[str]:
    """The text in a picture."""
    texts = ElementTree.parse(picture).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(text.itertext()).replace("\N{NO-BREAK SPACE}", " ") for text in texts]


@pytest.mark.usefixtures("images")
def test_they_are_what_the_demo_shows_today(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "docs.pictures", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in PICTURES:
        drawn = lines(tmp_path / f"{name}.svg")
        assert len(drawn) > 5
        assert lines(HERE / f"{name}.svg") == drawn, "draw them again: python -m docs.pictures"


@pytest.mark.parametrize("picture", sorted(HERE.glob("*.svg")), ids=lambda picture: picture.name)
def test_they_load_nothing(picture: Path) -> None:
    text = picture.read_text()
    assert not [word for word in ("@import", "@font-face", "href", "url(http") if word in text]


def test_all_of_them_are_there() -> None:
    assert {f"{name}.svg" for name in (*PICTURES, "pair", "lifecycle")} == {
        picture.name for picture in HERE.glob("*.svg")
    }
