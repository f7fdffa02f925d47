"""Boxes: Debian with its root on LVM, made from Debian packages alone. `python -m vagrant.box`.

recipe (what) → tree (the packages, unpacked) → disk (partitions, LVM) → system (make it boot)
→ package (the box), and cache (nothing is made twice).
"""
