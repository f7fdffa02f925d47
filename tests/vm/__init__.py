"""Tests on whole machines. `docs/lab.md` says how to get a shell in one."""
