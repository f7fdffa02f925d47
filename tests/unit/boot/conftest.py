"""Made-up roots."""

from collections.abc import Callable
from pathlib import Path

import pytest

Fill = Callable[..., bytes]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Write files (text or bytes, by their path from the root) and give the root's path."""

    def write(files: dict[str, str | bytes]) -> bytes:
        for name, text in files.items():
            path = tmp_path / "root" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return bytes(tmp_path / "root")

    return write
