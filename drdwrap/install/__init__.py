"""What runs drdwrap by itself: the shutdown script and the periodic sync, put into a system.

`parts` says what there is to install, rendered from the templates in `shutdown/`; `apply` writes
and removes it; `manifest` remembers what was written; `activate` tells the init system; `look`
finds what is there.
"""
