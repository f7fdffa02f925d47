"""Configuration as the installers of four distributions write it, on the machine of `machine.py`.

Each system is a table of files with their text and, for those that name devices, the mended text.
"""

ROOT = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
NEW_ROOT = "ffffffff-1111-4222-8333-444444444444"
BOOT = "b0b0b0b0-1111-4111-8111-b0b0b0b0b0b0"
NEW_BOOT = "c1c1c1c1-1111-4111-8111-c1c1c1c1c1c1"
PVID = "PvPvPvaaaabbbbccccddddeeeePvPvPv"
NEW_PVID = "CpCpCpaaaabbbbccccddddeeeeCpCpCp"

DEBIAN_12 = {
    "etc/debian_version": ("12.7\n", None),
    "etc/fstab": (
        f"""# /etc/fstab: static file system information.
#
# systemd generates mount units based on this file, see systemd.mount(5).
# <file system> <mount point>   <type>  <options>       <dump>  <pass>
/dev/mapper/vg--sys-root /               ext4    errors=remount-ro 0       1
# /boot was on /dev/vda2 during installation
UUID={BOOT} /boot           ext2    defaults        0       2
# /boot/efi was on /dev/vda1 during installation
UUID=12AB-34CD  /boot/efi       vfat    umask=0077      0       1
/dev/mapper/vg--sys-swap_1 none            swap    sw              0       0
/dev/sr0        /media/cdrom0   udf,iso9660 user,noauto     0       0
/dev/vg-sys/vm  /srv/vm         xfs     noauto          0       0
""",
        f"""# /etc/fstab: static file system information.
#
# systemd generates mount units based on this file, see systemd.mount(5).
# <file system> <mount point>   <type>  <options>       <dump>  <pass>
/dev/mapper/drd00-root /               ext4    errors=remount-ro 0       1
# /boot was on /dev/disk/by-uuid/{NEW_BOOT} during installation
UUID={NEW_BOOT} /boot           ext2    defaults        0       2
# /boot/efi was on /dev/disk/by-uuid/99EE-77FF during installation
UUID=99EE-77FF  /boot/efi       vfat    umask=0077      0       1
/dev/mapper/drd00-swap_1 none            swap    sw              0       0
/dev/sr0        /media/cdrom0   udf,iso9660 user,noauto     0       0
/dev/vg-sys/vm  /srv/vm         xfs     noauto          0       0
""",
    ),
    "etc/initramfs-tools/conf.d/resume": (
        "RESUME=/dev/mapper/vg--sys-swap_1\n",
        "RESUME=/dev/mapper/drd00-swap_1\n",
    ),
    "etc/default/grub": (
        """GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet resume=/dev/vg-sys/swap_1"
GRUB_CMDLINE_LINUX=""
""",
        """GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet resume=/dev/drd00/swap_1"
GRUB_CMDLINE_LINUX=""
""",
    ),
    "boot/grub/grub.cfg": (
        f"""set timeout=5
insmod lvm
set root='lvmid/Zk3tQe-1aBc-2dEf-3gHi-4jKl-5mNo-PqRsTu/AbCdEf-0001-0001-0001-0001-0001-AbCdEf'
menuentry 'Debian GNU/Linux' {{
\tsearch --no-floppy --fs-uuid --set=root {BOOT}
\tlinux\t/vmlinuz-6.1.0-25-amd64 root=/dev/mapper/vg--sys-root ro  quiet
}}
""",
        f"""set timeout=5
insmod lvm
set root='lvmid/Wx9vUu-9zYx-8wVu-7tSr-6qPo-5nMl-KjIhGf/ZyXwVu-0001-0001-0001-0001-0001-ZyXwVu'
menuentry 'Debian GNU/Linux' {{
\tsearch --no-floppy --fs-uuid --set=root {NEW_BOOT}
\tlinux\t/vmlinuz-6.1.0-25-amd64 root=/dev/mapper/drd00-root ro  quiet
}}
""",
    ),
    "boot/efi/EFI/debian/grub.cfg": (
        f"search.fs_uuid {BOOT} root \nconfigfile ($root)/grub/grub.cfg\n",
        f"search.fs_uuid {NEW_BOOT} root \nconfigfile ($root)/grub/grub.cfg\n",
    ),
}

UBUNTU_24_04 = {
    "etc/debian_version": ("trixie/sid\n", None),
    "etc/fstab": (
        "/dev/disk/by-id/dm-uuid-LVM-Zk3tQe1aBc2dEf3gHi4jKl5mNoPqRsTuAbCdEf00010001000100010001AbCdEf"
        f" / ext4 defaults 0 1\n/dev/disk/by-uuid/{BOOT} /boot ext4 defaults 0 1\n"
        "/dev/disk/by-uuid/12AB-34CD /boot/efi vfat defaults 0 1\n/swap.img none swap sw 0 0\n",
        "/dev/disk/by-id/dm-uuid-LVM-Wx9vUu9zYx8wVu7tSr6qPo5nMlKjIhGfZyXwVu00010001000100010001ZyXwVu"
        f" / ext4 defaults 0 1\n/dev/disk/by-uuid/{NEW_BOOT} /boot ext4 defaults 0 1\n"
        "/dev/disk/by-uuid/99EE-77FF /boot/efi vfat defaults 0 1\n/swap.img none swap sw 0 0\n",
    ),
    "etc/default/grub.d/50-cloudimg-settings.cfg": (
        'GRUB_CMDLINE_LINUX_DEFAULT="console=ttyS0 root=LABEL=root"\n',
        f'GRUB_CMDLINE_LINUX_DEFAULT="console=ttyS0 root=UUID={NEW_ROOT}"\n',
    ),
}

ROCKY_9 = {
    "etc/redhat-release": ("Rocky Linux release 9.4 (Blue Onyx)\n", None),
    "etc/selinux/config": ("# SELINUX= can take\nSELINUX=enforcing\nSELINUXTYPE=targeted\n", None),
    "etc/fstab": (
        "\n#\n# /etc/fstab\n# Created by anaconda on Mon Sep  2 10:11:12 2024\n#\n"
        "/dev/mapper/vg--sys-root /                       xfs     defaults        0 0\n"
        f"UUID={BOOT} /boot                   xfs     defaults        0 0\n"
        "UUID=12AB-34CD          /boot/efi               vfat    umask=0077,shortname=winnt 0 2\n"
        "/dev/mapper/vg--sys-swap_1 none                    swap    defaults        0 0\n",
        "\n#\n# /etc/fstab\n# Created by anaconda on Mon Sep  2 10:11:12 2024\n#\n"
        "/dev/mapper/drd00-root /                       xfs     defaults        0 0\n"
        f"UUID={NEW_BOOT} /boot                   xfs     defaults        0 0\n"
        "UUID=99EE-77FF          /boot/efi               vfat    umask=0077,shortname=winnt 0 2\n"
        "/dev/mapper/drd00-swap_1 none                    swap    defaults        0 0\n",
    ),
    "etc/kernel/cmdline": (
        "root=/dev/mapper/vg--sys-root ro crashkernel=1G-4G:192M resume=/dev/mapper/vg--sys-swap_1"
        " rd.lvm.lv=vg-sys/root rd.lvm.lv=vg-sys/swap_1 rhgb quiet\n",
        "root=/dev/mapper/drd00-root ro crashkernel=1G-4G:192M resume=/dev/mapper/drd00-swap_1"
        " rd.lvm.lv=drd00/root rd.lvm.lv=drd00/swap_1 rhgb quiet\n",
    ),
    "boot/loader/entries/5d1f0e6b8c3a4f5e9b7a6c5d4e3f2a1b-5.14.0-427.el9.x86_64.conf": (
        "title Rocky Linux (5.14.0-427.el9.x86_64) 9.4 (Blue Onyx)\n"
        "version 5.14.0-427.el9.x86_64\nlinux /vmlinuz-5.14.0-427.el9.x86_64\n"
        "options root=/dev/mapper/vg--sys-root ro rd.lvm.lv=vg-sys/root $tuned_params\n",
        "title Rocky Linux (5.14.0-427.el9.x86_64) 9.4 (Blue Onyx)\n"
        "version 5.14.0-427.el9.x86_64\nlinux /vmlinuz-5.14.0-427.el9.x86_64\n"
        "options root=/dev/mapper/drd00-root ro rd.lvm.lv=drd00/root $tuned_params\n",
    ),
    "boot/efi/EFI/rocky/grub.cfg": (
        f"search --no-floppy --fs-uuid --set=dev {BOOT}\nset prefix=($dev)/grub2\n"
        "export $prefix\nconfigfile $prefix/grub.cfg\n",
        f"search --no-floppy --fs-uuid --set=dev {NEW_BOOT}\nset prefix=($dev)/grub2\n"
        "export $prefix\nconfigfile $prefix/grub.cfg\n",
    ),
    "etc/lvm/devices/system.devices": (
        "# LVM uses devices listed in this file.\n# HASH=3084193210\n"
        "PRODUCT_UUID=7c9e6679-7425-40de-944b-e07fc1f90ae7\nVERSION=1.1.9\n"
        f"IDTYPE=sys_wwid IDNAME=naa.5000c500a1 DEVNAME=/dev/vda3 PVID={PVID} PART=3\n"
        f"IDTYPE=sys_wwid IDNAME=naa.5000c500b2 DEVNAME=/dev/vdb3 PVID={NEW_PVID} PART=3\n"
        "IDTYPE=sys_wwid IDNAME=naa.5000c500c3 DEVNAME=/dev/vdc PVID=" + "Dd" * 16 + "\n",
        "# LVM uses devices listed in this file.\n# HASH=3084193210\n"
        "PRODUCT_UUID=7c9e6679-7425-40de-944b-e07fc1f90ae7\nVERSION=1.1.9\n"
        f"IDTYPE=sys_wwid IDNAME=naa.5000c500b2 DEVNAME=/dev/vdb3 PVID={NEW_PVID} PART=3\n"
        "IDTYPE=sys_wwid IDNAME=naa.5000c500c3 DEVNAME=/dev/vdc PVID=" + "Dd" * 16 + "\n",
    ),
}

_BLOCK = "# GRUB Environment Block\nsaved_entry=abc\n"
FEDORA_40 = {
    "etc/redhat-release": ("Fedora release 40 (Forty)\n", None),
    "etc/fstab": (
        f"UUID={ROOT} / xfs defaults,x-systemd.device-timeout=0 0 0\n"
        f"UUID={BOOT} /boot ext4 defaults 1 2\n",
        f"UUID={NEW_ROOT} / xfs defaults,x-systemd.device-timeout=0 0 0\n"
        f"UUID={NEW_BOOT} /boot ext4 defaults 1 2\n",
    ),
    "etc/default/grub": (
        'GRUB_CMDLINE_LINUX="rd.lvm.lv=vg-sys/root rhgb quiet"\nGRUB_ENABLE_BLSCFG=true\n',
        'GRUB_CMDLINE_LINUX="rd.lvm.lv=drd00/root rhgb quiet"\nGRUB_ENABLE_BLSCFG=true\n',
    ),
    "etc/dracut.conf.d/swap.conf": (
        'add_device+=" /dev/vg-sys/swap_1 "\n',
        'add_device+=" /dev/drd00/swap_1 "\n',
    ),
    "boot/grub2/grubenv": (
        (_BLOCK + "kernelopts=root=/dev/mapper/vg--sys-root ro rd.lvm.lv=vg-sys/root\n").ljust(
            1024, "#"
        ),
        (_BLOCK + "kernelopts=root=/dev/mapper/drd00-root ro rd.lvm.lv=drd00/root\n").ljust(
            1024, "#"
        ),
    ),
    "etc/systemd/system/data.mount": (
        "[Unit]\nAfter=dev-vg\\x2dsys-root.device\n[Mount]\nWhat=/dev/vg-sys/root\nWhere=/data\n",
        "[Unit]\nAfter=dev-drd00-root.device\n[Mount]\nWhat=/dev/drd00/root\nWhere=/data\n",
    ),
}

SYSTEMS = {
    "Debian 12": DEBIAN_12,
    "Ubuntu 24.04": UBUNTU_24_04,
    "Rocky 9": ROCKY_9,
    "Fedora 40": FEDORA_40,
}
