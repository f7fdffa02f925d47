"""The kinds of files that need more than a plain replacement of names, one module each."""
