"""Start the clone's disk in a virtual machine that can write nothing and has no network."""
