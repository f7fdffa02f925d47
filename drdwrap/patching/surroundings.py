"""The files that the command finds in place of others: the resolver's, the kernel's command line,
and those that keep package scripts from starting services."""

import re
from collections.abc import Iterator, Mapping

from drdwrap.boot.grub_directories import MENUS
from drdwrap.boot.root_files import RootFiles
from drdwrap.linux import process, safe_file
from drdwrap.linux.links_in_root import Resolver
from drdwrap.patching.command_root import FILES, FileContent
from drdwrap.paths.arithmetic import absolute

_POLICY = b"usr/sbin/policy-rc.d"
_NOTHING_STARTS = b"#!/bin/sh\n# Of 'drdwrap runcmd': no service is started.\nexit 101\n"

_RESOLVER = b"etc/resolv.conf"
_PROGRAMS = FILES + b"/bin"
_APT = FILES + b"/apt.conf"

_NO_CONTAINER = b"""\
#!/bin/sh
# Of 'drdwrap runcmd'. This is a PID namespace, and so some versions of systemd-detect-virt take it
# for a container, where the scripts of kernels and of GRUB do nothing.
for word do
    case $word in
    --container | -c | -qc | -cq)
        case " $* " in *q*) ;; *) echo none ;; esac
        exit 1
        ;;
    --vm | -v | --chroot | -r | --help | -h | --version | --list* | --private-users | --cvm)
        exec /usr/bin/systemd-detect-virt "$@"
        ;;
    esac
done
exec /usr/bin/systemd-detect-virt --vm "$@"
"""

_PASSED_ON = re.compile(rb"TERM|COLORTERM|LANG|LANGUAGE|LC_\w+|TZ|(?i:\w+_proxy)|DEBIAN_FRONTEND")
"""What of the environment the command gets: none of it leads into the running system."""

_ENTRIES = b"boot/loader/entries"
_ARGUMENTS = re.compile(rb"^\s*linux(?:16|efi)?\s+\S+\s+(\S.*)$", re.MULTILINE)
_OPTIONS = re.compile(rb"^options\s+(\S.*)$", re.MULTILINE)


def environment(own: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The command's environment, from drdwrap's own."""
    kept = {name: value for name, value in own.items() if _PASSED_ON.fullmatch(name)}
    return {
        **kept,
        b"PATH": b"/" + _PROGRAMS + b":" + process.PATH.encode(),
        b"HOME": b"/root",
        b"SHELL": b"/bin/sh",
        b"USER": b"root",
        b"LOGNAME": b"root",
        b"APT_CONFIG": b"/" + _APT,  # read before apt's own configuration, not in its place
        b"SYSTEMD_OFFLINE": b"1",
        b"NEEDRESTART_SUSPEND": b"1",
        b"LVM_SUPPRESS_FD_WARNINGS": b"1",
    }


def covered(root: bytes, command_line: bytes) -> list[FileContent]:
    """The files to put over those of the clone at `root`. At some of these paths there may be no
    file yet."""
    found = [FileContent(b"proc/cmdline", command_line + b"\n")]
    files, resolver = RootFiles(root), Resolver(root)
    if files.has_program(b"dpkg"):
        found.append(FileContent(resolver.directory(_POLICY), _NOTHING_STARTS, 0o755))
    servers = _name_servers()
    place = resolver.directory(_RESOLVER)
    if servers is not None and not _is_temporary(place) and files.text(_RESOLVER) != servers:
        found.append(FileContent(place, servers))
    return found


def made(root: bytes) -> Iterator[FileContent]:
    """The files to make in the new /run."""
    yield FileContent(_APT, b'DPkg::Path "";\n')  # as drdwrap sets it
    yield FileContent(_PROGRAMS + b"/systemd-detect-virt", _NO_CONTAINER, 0o755)
    servers = _name_servers()
    place = Resolver(root).directory(_RESOLVER)
    if servers is not None and _is_temporary(place):
        yield FileContent(place, servers)


def command_line(root: bytes, device: bytes) -> bytes:
    """The kernel's command line of the clone at `root`: that of its boot menu, or just its root
    device. (kernel-install takes the running system's from /proc where none is configured.)"""
    files = RootFiles(root)
    for name in files.names(_ENTRIES):
        found = _OPTIONS.search(files.text(_ENTRIES + b"/" + name))
        if found and b"$" not in found[1]:
            return found[1].strip()
    for menu in MENUS:
        if found := _ARGUMENTS.search(files.text(menu)):
            return found[1].strip()
    return b"root=" + device + b" ro"


def _is_temporary(path: bytes) -> bool:
    """Whether the path (relative, real) lies where the command sees a new, empty directory. A link
    that leads nowhere ends in such a place, or is left as it is."""
    return path.startswith((b"run/", b"tmp/", b"var/tmp/"))


def _name_servers() -> bytes | None:
    """The running system's /etc/resolv.conf; None if there is none."""
    try:
        return safe_file.contents(absolute(b"/", _RESOLVER), most=1 << 20, follow=True)
    except OSError:
        return None
