"""Work with paths as bytes, without reading any file: arithmetic, escaping, patterns."""
