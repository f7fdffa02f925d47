"""The swap files in /proc/swaps."""

from drdwrap.linux.swap_files import named_in

HEAD = b"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def test_their_names_may_hold_anything() -> None:
    rows = b"/dev/dm-1                               partition\t999420\t\t0\t\t-2\n"
    rows += b"/srv/a\\040b\rc\vd\xc2\x85 file\t\t8188\t\t0\t\t-3\n"
    rows += b"/swap\\011x\\134\t\t\t\tfile\t\t8188\t\t0\t\t-4\n"
    assert named_in(HEAD + rows) == [b"/dev/dm-1", b"/srv/a b\rc\vd\xc2\x85", b"/swap\tx\\"]


def test_there_may_be_none() -> None:
    assert named_in(HEAD) == named_in(b"") == []
