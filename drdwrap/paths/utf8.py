r"""Paths as text in files: in the configuration, and in drdwrap's own JSON files.

There a path is UTF-8, whatever the locale says. A byte that is not UTF-8 stands as a surrogate
escape, as Python has them (`\udce9`). On the command line a path is what the locale says:
`os.fsencode` is for that alone.
"""


def encoded(text: str) -> bytes:
    """The bytes that `text` stands for. UnicodeEncodeError (a ValueError) for half of a surrogate
    pair, which stands for none."""
    return text.encode("utf-8", "surrogateescape")


def decoded(path: bytes) -> str:
    """The text that stands for these bytes."""
    return path.decode("utf-8", "surrogateescape")
