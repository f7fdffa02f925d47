from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drdwrap.paths.arithmetic import is_below
from drdwrap.paths.outermost import Outermost

PATHS = st.lists(st.sampled_from([b"a", b"b", b"a.", b"a-b", b"\xff"]), max_size=4).map(b"/".join)


@given(directories=st.lists(PATHS, max_size=6), path=PATHS)
def test_it_answers_as_asking_each_of_them_does(directories: list[bytes], path: bytes) -> None:
    expected = any(is_below(path, directory) for directory in directories)
    assert Outermost(directories).hold(path) is expected


def test_names_that_begin_alike_are_told_apart() -> None:
    places = Outermost([b"a", b"a/b", b"c"])
    assert [places.hold(path) for path in (b"a", b"a/x", b"a-b", b"ab", b"c/d/e", b"")] == [
        *(True, True, False, False, True, False)
    ]
    assert Outermost([b""]).hold(b"anything")
    assert not Outermost([]).hold(b"")
