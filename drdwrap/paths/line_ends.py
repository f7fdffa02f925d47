r"""Split text into lines where the kernel and its tools do: at `\n`, and nowhere else.

Python's `splitlines` also splits at `\r`, and text also at `\v`, `\f`, `\x1c` to `\x1e`, U+0085,
U+2028 and U+2029. The kernel prints all of these raw in the paths of mounts, and tools in labels.
"""

from typing import AnyStr


def lines_of(text: AnyStr) -> list[AnyStr]:
    """The lines of `text`, without their ends. The last one may lack its end."""
    lines = text.split("\n" if isinstance(text, str) else b"\n")
    return lines if lines[-1] else lines[:-1]
