"""A mended root: what is changed, what is kept, and what is never touched."""

import errno
import os
import subprocess
from pathlib import Path

import pytest

from drdwrap.boot.leftovers import Leftover, expected_leftovers, leftovers
from drdwrap.boot.mend import mend

from .conftest import Fill
from .machine import REFERENCES
from .systems import SYSTEMS

OLD, NEW = b"root=/dev/vg-sys/root\n", b"root=/dev/drd00/root\n"


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_an_installer_wrote_names_the_clone(fill: Fill, name: str) -> None:
    system = SYSTEMS[name]
    root = fill({path: text for path, (text, _) in system.items()})
    assert expected_leftovers(root, REFERENCES, lambda path: False) == []
    assert leftovers(root, REFERENCES) != []
    mended = [os.fsencode(path) for path, (_, new) in system.items() if new is not None]
    assert mend(root, REFERENCES) == sorted(mended)
    for path, (text, new) in system.items():
        assert (Path(os.fsdecode(root)) / path).read_text() == (text if new is None else new), path
    assert leftovers(root, REFERENCES) == []
    assert mend(root, REFERENCES) == []


def test_everything_else_of_a_file_is_kept(fill: Fill, tmp_path: Path) -> None:
    root = fill({"etc/secret": OLD, "etc/other": OLD})
    path = tmp_path / "root/etc/secret"
    path.chmod(0o640)
    os.setxattr(path, "user.note", b"kept")
    subprocess.run(["setfacl", "-m", "u:1234:r", str(path)], check=True)
    os.link(path, tmp_path / "root/etc/second-name")
    before = path.stat(), os.listxattr(path)
    assert mend(root, REFERENCES) == [b"etc/other", b"etc/second-name", b"etc/secret"]
    after = path.stat()
    assert path.read_bytes() == (tmp_path / "root/etc/second-name").read_bytes() == NEW
    assert (after.st_ino, after.st_mode, after.st_uid, after.st_nlink) == (
        before[0].st_ino,
        before[0].st_mode,
        before[0].st_uid,
        2,
    )
    assert os.listxattr(path) == before[1] and os.getxattr(path, "user.note") == b"kept"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a=/dev/vg-sys/root", b"a=/dev/drd00/root"),
        (b"/dev/vg-sys/root / ext4\r\nx\r\n", b"/dev/drd00/root / ext4\r\nx\r\n"),
        (b"\xff\xfe\xe9 /dev/vg-sys/root \x80", b"\xff\xfe\xe9 /dev/drd00/root \x80"),
        (b"/dev/vda2\n", b"/dev/disk/by-uuid/c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1\n"),
        (b"\0" + OLD, b"\0" + OLD),
        (b"x" * 9000 + b"\0" + OLD, b"x" * 9000 + b"\0" + OLD),
        (b"", b""),
    ],
)
def test_odd_contents(fill: Fill, tmp_path: Path, old: bytes, new: bytes) -> None:
    root = fill({"etc/odd": old})
    assert mend(root, REFERENCES) == ([b"etc/odd"] if old != new else [])
    assert (tmp_path / "root/etc/odd").read_bytes() == new


def test_what_is_too_large_to_be_configuration_is_not_read(fill: Fill, tmp_path: Path) -> None:
    text = OLD + b"x" * (5 << 20)
    root = fill({"boot/System.map-6.1.0": text})
    assert mend(root, REFERENCES) == []
    assert (tmp_path / "root/boot/System.map-6.1.0").read_bytes() == text
    assert leftovers(root, REFERENCES) == []


def test_nothing_is_written_through_a_link(fill: Fill, tmp_path: Path) -> None:
    root = fill({"etc/hosts": "", "srv/fstab": OLD, "usr/lib/unit": OLD, "boot/x": ""})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "fstab").write_bytes(OLD)
    etc = tmp_path / "root/etc"
    (etc / "fstab").symlink_to("../srv/fstab")
    (etc / "unit").symlink_to("/usr/lib/unit")
    (etc / "directory").symlink_to(outside)
    (etc / "away").symlink_to("../../outside/fstab")
    (etc / "circle").symlink_to("circle")
    assert mend(root, REFERENCES) == []
    assert (outside / "fstab").read_bytes() == OLD
    assert (tmp_path / "root/srv/fstab").read_bytes() == OLD
    found = [
        Leftover(b"etc/fstab", 1, "/dev/vg-sys/root"),
        Leftover(b"etc/unit", 1, "/dev/vg-sys/root"),
    ]
    assert leftovers(root, REFERENCES) == found
    assert expected_leftovers(root, REFERENCES, lambda path: False) == found
    assert expected_leftovers(root, REFERENCES, lambda path: path == b"etc/fstab") == found[1:]


def test_a_link_to_a_mended_file_needs_no_mending(fill: Fill, tmp_path: Path) -> None:
    root = fill({"boot/grub2/grub.cfg": OLD})
    (tmp_path / "root/etc").mkdir()
    (tmp_path / "root/etc/grub2.cfg").symlink_to("../boot/grub2/grub.cfg")
    assert expected_leftovers(root, REFERENCES, lambda path: False) == []
    assert mend(root, REFERENCES) == [b"boot/grub2/grub.cfg"]
    assert leftovers(root, REFERENCES) == []


def test_names_and_links_that_are_references(fill: Fill, tmp_path: Path) -> None:
    unit = r"dev-mapper-vg\x2d\x2dsys\x2dswap_1.swap"
    new = r"dev-mapper-drd00\x2dswap_1.swap"
    system = "etc/systemd/system"
    root = fill({f"{system}/{unit}": "[Swap]\nWhat=/dev/mapper/vg--sys-swap_1\n"})
    place = tmp_path / "root" / system
    (place / "swap.target.wants").mkdir()
    (place / "swap.target.wants" / unit).symlink_to(f"../{unit}")
    (place / "resume-device").symlink_to("/dev/vg-sys/swap_1")
    os.lchown(place / "resume-device", 0, 12)
    mended = mend(root, REFERENCES)
    assert os.fsencode(f"{system}/{unit}") in mended and os.fsencode(f"{system}/{new}") in mended
    assert (place / new).read_text() == "[Swap]\nWhat=/dev/mapper/drd00-swap_1\n"
    assert os.readlink(place / "swap.target.wants" / new) == f"../{new}"
    assert os.readlink(place / "resume-device") == "/dev/drd00/swap_1"
    assert (place / "resume-device").lstat().st_gid == 12
    assert sorted(os.listdir(place)) == sorted((new, "resume-device", "swap.target.wants"))
    assert leftovers(root, REFERENCES) == []


def test_a_name_that_is_taken_is_left_and_named(fill: Fill) -> None:
    root = fill({r"etc/dev-vg\x2dsys-root.device": "1", "etc/dev-drd00-root.device": "2"})
    assert mend(root, REFERENCES) == []
    (found,) = leftovers(root, REFERENCES)
    assert (found.path, found.line) == (rb"etc/dev-vg\x2dsys-root.device", 0)


def test_histories_and_copies_are_not_searched(fill: Fill) -> None:
    names = ["etc/lvm/archive/a.vg", "etc/fstab.orig", "etc/.git/x", "etc/a/.git/x", "etc/fstab~"]
    names += ["etc/mdadm/mdadm.conf", "etc/x.dpkg-old", "etc/x.rpmsave", "etc/lvm/backup/vg-sys"]
    root = fill(dict.fromkeys((*names, "var/log/x", "usr/etc/x"), OLD))
    assert mend(root, REFERENCES) == []
    assert leftovers(root, REFERENCES) == []


def test_what_cannot_be_mended_is_known_before(fill: Fill) -> None:
    root = fill(
        {
            "etc/fstab": "/dev/vg-sys/root / ext4\n/dev/vg-sys/vm /srv/vm ext4 defaults\n"
            "# /dev/vg-sys/vm\n/dev/vg-sys/vm2 /mnt auto noauto\nLABEL=x /y ext4 nofail\n",
            "etc/crypttab": "vm /dev/vg-sys/vm none luks,nofail\nvm3 /dev/vg-sys/vm3 none luks\n",
            "etc/libvirt/qemu/vm.xml": "<domain>\n<source dev='/dev/vg-sys/vm'/>\n</domain>",
        }
    )
    assert expected_leftovers(root, REFERENCES, lambda path: False) == [
        Leftover(b"etc/crypttab", 2, "/dev/vg-sys/vm3"),
        Leftover(b"etc/fstab", 2, "/dev/vg-sys/vm"),
        Leftover(b"etc/libvirt/qemu/vm.xml", 2, "/dev/vg-sys/vm"),
    ]
    mend(root, REFERENCES)
    assert leftovers(root, REFERENCES) == expected_leftovers(root, REFERENCES, lambda path: False)


def test_a_full_disk_leaves_the_file_as_it_was(
    fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The full disk is simulated: there is no space for the file to grow."""
    root = fill({"etc/grows": b"/dev/vda2\n"})

    def no_space(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", no_space)
    with pytest.raises(OSError, match="No space left") as caught:
        mend(root, REFERENCES)
    assert caught.value.filename == root + b"/etc/grows"
    assert (tmp_path / "root/etc/grows").read_bytes() == b"/dev/vda2\n"


def test_a_root_without_these_directories(tmp_path: Path) -> None:
    assert mend(bytes(tmp_path), REFERENCES) == []
    (tmp_path / "etc").symlink_to(tmp_path)
    assert leftovers(bytes(tmp_path), REFERENCES) == []
