"""A thin volume made without a device mapper, from plain LVs: `lvcreate` refuses to.

LVM's own metadata says what is a pool; dm-thin's, on one of the pool's two LVs, which chunk of the
other is which of the volume. Here every chunk of the volume is there, in order, from the beginning
of the pool's data on: what is at an offset of the one is at the same of the other.
"""

from __future__ import annotations

import re
import uuid

CHUNK = 64
"""KiB."""

# lvm.conf's sector and dm-thin's block are both counted in 512 bytes.
_POOL = """
        {pool} {{
            id = "{pool_id}"
            status = ["READ", "WRITE", "VISIBLE"]
            flags = []
            segment_count = 1
            segment1 {{
                start_extent = 0
                extent_count = {pool_extents}
                type = "thin-pool"
                metadata = "{pool}_tmeta"
                pool = "{pool}_tdata"
                transaction_id = 1
                chunk_size = {chunk_sectors}
                discards = "passdown"
                zero_new_blocks = 1
            }}
        }}
        {name} {{
            id = "{id}"
            status = ["READ", "WRITE", "VISIBLE"]
            flags = []
            segment_count = 1
            segment1 {{
                start_extent = 0
                extent_count = {extents}
                type = "thin"
                thin_pool = "{pool}"
                transaction_id = 0
                device_id = 1
            }}
        }}
"""

_MAPPING = """\
<superblock uuid="" time="0" transaction="1" data_block_size="{sectors}" nr_data_blocks="{data}">
<device dev_id="1" mapped_blocks="{own}" transaction="0" creation_time="0" snap_time="0">
<range_mapping origin_begin="0" data_begin="0" length="{own}" time="0"/>
</device>
</superblock>
"""


def data(name: str) -> str:
    """The plain LV that becomes the data of the pool of the thin volume `name`."""
    return f"{name}_data"


def metadata(name: str) -> str:
    """The plain LV that becomes the pool's metadata."""
    return f"{name}_metadata"


def pooled(backup: str, name: str, extents: int, pool_extents: int) -> str:
    """LVM's metadata, as vgcfgbackup writes it, with a thin volume where two plain LVs were.

    `extents` is the volume's size, `pool_extents` that of its pool's data. For vgcfgrestore.
    """
    pool = f"{name}_pool"
    for plain, hidden in ((data(name), f"{pool}_tdata"), (metadata(name), f"{pool}_tmeta")):
        section = re.compile(rf"(\n\s*){plain}( {{\s+id = .*\s+status = .*), \"VISIBLE\"\]")
        backup, found = section.subn(rf"\1{hidden}\2]", backup)
        assert found == 1, f"{plain} is not in the metadata"
    more = _POOL.format(
        name=name,
        id=_lvm_id(),
        extents=extents,
        pool=pool,
        pool_id=_lvm_id(),
        pool_extents=pool_extents,
        chunk_sectors=CHUNK * 2,
    )
    return backup.replace("logical_volumes {\n", "logical_volumes {\n" + more, 1)


def mapping(size: int, pool_size: int) -> str:
    """dm-thin's metadata for thin_restore; sizes in MiB."""
    chunks = 1024 // CHUNK
    return _MAPPING.format(sectors=CHUNK * 2, own=size * chunks, data=pool_size * chunks)


def _lvm_id() -> str:
    digits = uuid.uuid4().hex
    return "-".join(
        (digits[:6], *(digits[at : at + 4] for at in range(6, 26, 4)), digits[26:].ljust(6, "0"))
    )
