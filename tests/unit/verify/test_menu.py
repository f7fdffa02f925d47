"""The boot menu of the test says as much as the clone's, and keeps its size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drdwrap.verify.boot.menu import with_console

MENU = b"""\
### BEGIN /etc/grub.d/10_linux ###
menuentry 'Debian' {
\tlinux\t/vmlinuz-2 root=/dev/mapper/drd00-root ro quiet console=tty0
\tinitrd\t/initrd.img-2
}
menuentry 'older' {
\tlinux\t/vmlinuz-1 root=/dev/mapper/drd00-root ro
\tinitrd\t/initrd.img-1
}
### END /etc/grub.d/10_linux ###
"""


def test_kernels_write_to_the_serial_console() -> None:
    menu = with_console(MENU)
    assert menu is not None and len(menu) == len(MENU)
    lines = [line.strip() for line in menu.splitlines() if line.strip()]
    assert b"linux\t/vmlinuz-2 root=/dev/mapper/drd00-root ro console=ttyS0" in lines
    assert b"linux\t/vmlinuz-1 root=/dev/mapper/drd00-root ro console=ttyS0" in lines
    left = [line.strip() for line in MENU.splitlines() if b"linux" not in line]
    assert [line for line in left if line not in lines] == []


def test_where_there_is_room_for_one_it_is_the_first() -> None:
    menu = b"linux /vmlinuz-2 ro loglevel=3 quiet\nlinux /vmlinuz-1 ro\n"
    wanted = b"linux /vmlinuz-2 ro console=ttyS0\nlinux /vmlinuz-1 ro\n"
    assert with_console(menu) == wanted.ljust(len(menu), b"\n")
    assert with_console(b"linux /vmlinuz-1 ro\n") is None


def test_a_menu_without_a_kernel_is_none() -> None:
    assert with_console(b"blscfg\n### comment ###\n") is None


@given(
    st.lists(st.sampled_from([b"# x", b"linux /a quiet", b"linux /b ro", b"", b"}"]), max_size=9)
)
def test_its_size_never_changes(lines: list[bytes]) -> None:
    menu = b"\n".join(lines)
    found = with_console(menu)
    assert found is None or len(found) == len(menu)
