"""Crashes at every call that changes something: `python -m tests.integration.crashes --help`."""
