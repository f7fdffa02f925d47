"""What the system says of a file, in words."""

import errno
import os

import pytest

from drdwrap.errors import in_words

SAID = os.strerror(errno.EACCES)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EACCES, SAID, b"/a/\xff\n"), rf"/a/\377\012: {SAID}"),
        (OSError(errno.EACCES, SAID, "/a", None, b"/b"), f"/a -> /b: {SAID}"),
        (OSError(errno.EACCES, SAID, 7), SAID),
        (OSError(errno.EACCES, SAID), SAID),
        (OSError("said"), "said"),
    ],
)
def test_the_files_are_named_and_no_number(error: OSError, words: str) -> None:
    assert in_words(error) == words
