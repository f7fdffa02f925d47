"""The entry point is called in the tests' own process, which is to stay as it was."""

import gc
import signal
from collections.abc import Iterator

import pytest

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """Undo what the entry point does to its process."""
    handlers = [signal.getsignal(number) for number in SIGNALS]
    yield
    for number, handler in zip(SIGNALS, handlers, strict=True):
        signal.signal(number, handler)
    gc.enable()
