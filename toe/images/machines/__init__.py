"""Machines under qemu: disks, drives, how a machine is started, and what is said between it and `toe`."""
