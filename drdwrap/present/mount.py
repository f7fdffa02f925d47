"""What `mount` and `umount` did, or would do."""

from collections.abc import Sequence

from drdwrap.pair.mounting import FileSystem
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_mounted(view: View, root: bytes, systems: Sequence[FileSystem]) -> None:
    """The file systems that are mounted below `root`, or would be."""
    points = [(system.device, for_screen(absolute(root, system.mount_point))) for system in systems]
    if view.as_json:
        print_json({"mounted": [{"device": device, "mount_point": at} for device, at in points]})
        return
    for device, at in points:
        print(f"{device} on {at}")


def show_unmounted(view: View, points: Sequence[bytes]) -> None:
    """The mount points where nothing is mounted any more, or would be."""
    names = [for_screen(point) for point in points]
    if view.as_json:
        print_json({"unmounted": names})
        return
    for name in names:
        print(name)
