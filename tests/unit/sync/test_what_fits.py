"""What is left out where there is no room for all: small and important files come first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drdwrap.paths.arithmetic import parent
from drdwrap.sync.what_fits import Amount, Fit, Piece, Shortage, what_fits

PLENTY = 1000


def piece(path: bytes, size: int, back: int = 0, volume: bytes = b"") -> Piece:
    """A path of that size, which replaces `back` bytes if any."""
    return Piece(path, volume, Amount(size, 1), Amount(back, 1) if back else Amount())


def fit(*pieces: Piece, size: int, inodes: int = PLENTY) -> Fit:
    return what_fits([[one] for one in pieces], {b"": Amount(size, inodes)})


def test_where_there_is_room_everything_is_one_batch() -> None:
    found = fit(piece(b"a", 60), piece(b"b", 40, back=40), size=100)
    assert [sorted(batch) for batch in found.batches] == [[b"a", b"b"]]
    assert not found.left_out
    assert fit(size=100) == Fit((), {})


def test_a_large_file_without_room_keeps_no_other_waiting() -> None:
    found = fit(piece(b"image", 140, back=140), piece(b"etc/shadow", 1, back=1), size=94)
    assert found.batches == ((b"etc/shadow",),)
    assert found.left_out == {
        b"image": Shortage(b"", Amount(140, 1), Amount(94, PLENTY), Amount(234, PLENTY + 1))
    }
    assert found.left_out[b"image"].fits_without_old
    assert not fit(piece(b"image", 340, back=140), size=94).left_out[b"image"].fits_without_old


def test_small_files_come_before_large_ones_and_configuration_before_all() -> None:
    pieces = [piece(b"srv/b", 50), piece(b"srv/a", 10), piece(b"etc/large", 60)]
    assert fit(*pieces, size=75).batches == ((b"etc/large", b"srv/a"),)
    assert fit(*pieces, size=65).left_out.keys() == {b"srv/a", b"srv/b"}


def test_what_is_replaced_gives_its_room_to_the_next_batch() -> None:
    pieces = [piece(b"a", 50, back=50), piece(b"b", 60, back=60), piece(b"c", 70, back=1)]
    assert fit(*pieces, size=70).batches == ((b"a",), (b"b",), (b"c",))
    assert fit(*pieces, size=69).left_out.keys() == {b"c"}


def test_inodes_are_needed_as_well() -> None:
    pieces = [piece(b"a", 1), piece(b"b", 2, back=1), piece(b"c", 3)]
    found = fit(*pieces, size=PLENTY, inodes=2)
    assert found.batches == ((b"a", b"b"), (b"c",))
    assert fit(*pieces, size=PLENTY, inodes=1).left_out.keys() == {b"b", b"c"}


def test_each_volume_has_its_own_room() -> None:
    groups = [[piece(b"a", 50)], [piece(b"var/b", 50, volume=b"var")]]
    found = what_fits(groups, {b"": Amount(100, 9), b"var": Amount(49, 9)})
    assert found.batches == ((b"a",),)
    assert found.left_out[b"var/b"].volume == b"var"


def test_what_belongs_together_is_taken_whole_or_not_at_all() -> None:
    together = [piece(b"db", 60), piece(b"var/db-wal", 10, volume=b"var")]
    groups = [together, [piece(b"z", 70)]]
    free = {b"": Amount(100, 9), b"var": Amount(9, 9)}
    found = what_fits(groups, free)
    assert found.batches == ((b"z",),)
    assert found.left_out.keys() == {b"db", b"var/db-wal"}


def test_a_new_directory_comes_with_what_goes_into_it() -> None:
    directories = [piece(b"d", 4), piece(b"d/e", 4)]
    found = fit(*directories, piece(b"d/e/small", 1), size=9)
    assert found.batches == ((b"d", b"d/e", b"d/e/small"),)
    assert fit(*directories, piece(b"d/e/large", 2), size=9).left_out.keys() == {b"d/e/large"}
    none = fit(*directories, piece(b"d/e/small", 1), size=3)
    assert none.left_out.keys() == {b"d", b"d/e", b"d/e/small"}


def test_what_belongs_to_a_new_directory_needs_its_directories_too() -> None:
    """A set can hold a directory of one group and a file of another."""
    groups = [
        [piece(b"a", 0), piece(b"b", 1)],
        [piece(b"var/y", 0, volume=b"var")],
        [piece(b"a/b", 0), piece(b"var", 1)],
    ]
    free = {b"": Amount(1, 4), b"var": Amount(0, 1)}
    found = what_fits(groups, free)
    assert found.batches == ((b"a", b"b"),)
    assert found.left_out.keys() == {b"var/y", b"a/b", b"var"}
    (batch,) = what_fits(groups, {b"": Amount(2, 4), b"var": Amount(0, 1)}).batches
    assert set(batch) == {b"a", b"b", b"a/b", b"var", b"var/y"}


PATHS = st.sampled_from([b"a", b"b", b"a/b", b"a/b/c", b"a/d", b"etc", b"etc/x", b"var", b"var/y"])
PIECES = st.builds(
    lambda path, size, back: Piece(
        path,
        b"var" if path.startswith(b"var/") else b"",
        Amount(size, 1),
        Amount(back, 1) if back else Amount(),
    ),
    PATHS,
    st.integers(0, 40),
    st.integers(0, 40),
)


@st.composite
def groups(draw: st.DrawFn) -> list[list[Piece]]:
    pieces = draw(st.lists(PIECES, unique_by=lambda one: one.path))
    made: list[list[Piece]] = []
    for one in pieces:
        together = made and draw(st.integers(0, 3)) == 0
        made[-1].append(one) if together else made.append([one])
    return made


ROOM = st.builds(Amount, st.integers(0, 120), st.integers(0, 9))


@given(groups(), ROOM, ROOM)
def test_no_batch_needs_more_than_there_is(
    given_groups: list[list[Piece]], root: Amount, var: Amount
) -> None:
    by_path = {one.path: one for group in given_groups for one in group}
    free = {b"": root, b"var": var}
    found = what_fits(given_groups, free)
    for batch in found.batches:
        for path in batch:
            free[by_path[path].volume] -= by_path[path].needs
        assert all(amount.size >= 0 and amount.inodes >= 0 for amount in free.values())
        for path in batch:
            free[by_path[path].volume] += by_path[path].gives_back
    taken = [path for batch in found.batches for path in batch]
    assert sorted([*taken, *found.left_out]) == sorted(by_path)
    for group in given_groups:
        assert len({one.path in found.left_out for one in group}) == 1
    for path in taken:
        assert parent(path) not in found.left_out


@given(groups())
def test_nothing_is_left_out_where_there_is_room_for_all(given_groups: list[list[Piece]]) -> None:
    needs: dict[bytes, Amount] = {b"": Amount(), b"var": Amount()}
    for group in given_groups:
        for one in group:
            needs[one.volume] += one.needs
    assert len(what_fits(given_groups, needs).batches) <= 1
    assert not what_fits(given_groups, needs).left_out


def test_deep_directories_of_many_files_take_no_longer_than_others() -> None:
    deep = b"/".join([b"d"] * 1900)
    directories = [piece(deep[: 2 * n - 1], 1) for n in range(1, 1901)]
    files = [piece(b"%s/%d" % (deep, number), 10**6) for number in range(20_000)]
    found = fit(*directories, *files, size=10**5, inodes=10**6)
    assert len(found.left_out) == len(files)
