"""Kinds of files that a plain substitution does not do justice to, one file each."""
