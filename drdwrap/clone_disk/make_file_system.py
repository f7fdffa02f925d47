"""Make a file system of the same type and with the same features as the booted one.

mke2fs(8), dumpe2fs(8), mkfs.xfs(8), xfs_info(8), mkfs.fat(8), mkfs.btrfs(8).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError
from drdwrap.linux import process
from drdwrap.paths.line_ends import lines_of
from drdwrap.paths.utf8 import encoded

_EXT = ("ext2", "ext3", "ext4")

# The features that mke2fs accepts. The others come and go while a file system is in use
# (needs_recovery), or belong to one that already has contents.
_EXT_FEATURES = frozenset(
    "has_journal ext_attr resize_inode dir_index filetype extent 64bit flex_bg meta_bg sparse_super"
    " sparse_super2 large_file huge_file dir_nlink extra_isize metadata_csum metadata_csum_seed"
    " uninit_bg quota project verity encrypt large_dir inline_data bigalloc ea_inode orphan_file"
    " fast_commit stable_inodes".split()
)
_XFS_SECTIONS = {
    "m": ("crc", "finobt", "rmapbt", "reflink", "bigtime", "inobtcount", "metadir"),
    "i": ("isize", "sparse", "nrext64", "exchange"),
}


@dataclass(frozen=True)
class Maker:
    """How to make one type of file system.

    `arguments` are the options of `program` for a file system like the booted one, given its
    device, its mount point (absolute) and the new label ("" for none).
    """

    program: str
    arguments: Callable[[bytes, bytes, str], list[str]]
    longest_label: int


def _ext_arguments(type_: str) -> Callable[[bytes, bytes, str], list[str]]:
    def arguments(device: bytes, _: bytes, label: str) -> list[str]:
        shown = process.run("dumpe2fs", ["-h", device]).stdout.decode("utf-8", "replace")
        options = ext_options(superblock(shown))
        return ["-q", "-F", "-t", type_, *options, *(["-L", label] if label else [])]

    return arguments


def superblock(shown: str) -> dict[str, str]:
    """The fields that `dumpe2fs -h` shows, by name."""
    pairs = (line.partition(":") for line in lines_of(shown))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def ext_options(fields: Mapping[str, str]) -> list[str]:
    """mke2fs's options for a file system like the one whose superblock this is."""
    try:
        features = [f for f in fields["Filesystem features"].split() if f in _EXT_FEATURES]
        blocks, inodes = int(fields["Block count"]), int(fields["Inode count"])
        block_size = int(fields["Block size"])
        options = ["-b", str(block_size), "-I", fields["Inode size"]]
        # The same number of inodes per byte, whatever size was requested.
        options += ["-i", str(max(blocks * block_size // inodes, block_size))]
        options += ["-m", f"{100 * int(fields['Reserved block count']) / blocks:.2f}"]
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise DrdwrapError(f"dumpe2fs's output cannot be understood: {error!r}") from error
    if "bigalloc" in features and "Cluster size" in fields:
        options += ["-C", fields["Cluster size"]]
    return [*options, "-O", ",".join(["none", *features])]


def _xfs_arguments(_: bytes, mount_point: bytes, label: str) -> list[str]:
    shown = process.run("xfs_info", [mount_point]).stdout.decode("utf-8", "replace")
    return ["-q", "-f", *xfs_options(shown), *(["-L", label] if label else [])]


def xfs_options(shown: str) -> list[str]:
    """mkfs.xfs's options for a file system like the one that xfs_info shows.

    Only the features that xfs_info shows are given: an older xfsprogs does not know the others.
    """
    values = dict(re.findall(r"\b([a-z0-9]+)=\s*(\d+)", shown.partition("data ")[0]))
    data = shown.partition("data ")[2].partition("naming")[0]
    size = re.search(r"\bbsize=(\d+)", data)
    options = ["-b", f"size={size[1]}"] if size else []
    for section, names in _XFS_SECTIONS.items():
        found = [f"{name}={values[name]}" for name in names if name in values]
        if found:
            options += [f"-{section}", ",".join(found).replace("isize=", "size=")]
    return options


def _fat_arguments(device: bytes, _: bytes, label: str) -> list[str]:
    """FAT with the same number of bits: some firmware reads only one kind."""
    probe: list[bytes | str] = ["-p", "-s", "VERSION", "-o", "value", device]
    version = process.run("blkid", probe, ok=(0, 2)).stdout.decode("ascii", "replace").strip()
    bits = version.removeprefix("FAT")
    return [*(["-F", bits] if bits.isdigit() else []), *(["-n", label] if label else [])]


def _btrfs_arguments(_: bytes, __: bytes, label: str) -> list[str]:
    return ["--quiet", "--force", *(["--label", label] if label else [])]


MAKERS: Mapping[str, Maker] = {
    **{name: Maker("mke2fs", _ext_arguments(name), 16) for name in _EXT},
    "xfs": Maker("mkfs.xfs", _xfs_arguments, 12),
    "vfat": Maker("mkfs.fat", _fat_arguments, 11),
    "btrfs": Maker("mkfs.btrfs", _btrfs_arguments, 255),
}
"""By the name of the type in the mount table."""


def label_apart(label: str, longest: int) -> str:
    """A different label for the clone, so that neither file system is mistaken for the other.

    It ends in -drd; for a clone of a clone, whose label already ends in -drd, it ends in -dr2.
    """
    if not label:
        return ""
    begin = label[: longest - 4]
    return f"{begin}-drd" if label != f"{begin}-drd" else f"{begin}-dr2"


def make_file_system(
    type_: str, device: str, booted: bytes, mount_point: bytes, label: str
) -> None:
    """Make a file system of this type on `device`, like the one on the `booted` device, which is
    mounted at `mount_point` (absolute) and has this label. The contents of `device` are lost.
    DrdwrapError."""
    maker = MAKERS[type_]
    apart = label_apart(label, maker.longest_label)
    options = map(encoded, maker.arguments(booted, mount_point, apart))  # a label can be any text
    process.run(maker.program, [*options, device])
