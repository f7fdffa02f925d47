"""Run programs on the clone so that nothing of it reaches the running system, and look afterwards
whether the clone still boots by itself."""
