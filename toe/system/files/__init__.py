"""Files and folders of this machine: opened, written whole, copied, locked, and taken from their owner alone."""
