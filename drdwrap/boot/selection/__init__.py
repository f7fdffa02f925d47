"""Which of the two images the next boot starts, and the trial of one of them.

- `environment_block`: the file that GRUB and the running system share; `image_state`: what it says
  of an image.
- `at_start`: what GRUB does when it starts, as a function. `templates/trial/custom.cfg.j2` is the
  same for GRUB.
- `grub_menu`: the default entry of a menu, of which the trial's entry is made; `custom_cfg`:
  drdwrap's part of custom.cfg.
- `image`: an image, and where its state lies; `firmwares`: the interface to what starts a machine,
  one file for each (`grub_bios`, `grub_uefi`).
- `trial_files`: what a trial needs on the image that is tried.
"""
