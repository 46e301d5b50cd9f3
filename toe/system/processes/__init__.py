"""Child processes: how they are started, heard, and ended with everything that they started."""
