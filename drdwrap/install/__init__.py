"""What makes drdwrap run by itself: the sync at shutdown, and a periodic one by cron or a timer.

What is installed:
- `parts`: the files of each part; `places`: where they go; `file_contents`: their contents, from
  the templates in `shutdown/`; `limits`: the times in them; `program`, `quoting`: the command in
  them.
- `cron_schedule`, `timer_schedule`: when the periodic sync runs.

How:
- `reachable`: whether the sync at shutdown will find what it needs.
- `apply`: writes and removes the files; `manifest`: which files were written, and with what.
- `init_system`: the commands that make the init system notice.

And later:
- `installed`: what `status` shows of it; `notice`: the message after a sync at shutdown failed.
"""
