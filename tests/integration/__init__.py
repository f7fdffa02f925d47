"""Black-box tests: drdwrap's commands on real file systems."""
