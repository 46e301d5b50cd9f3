"""`toe` as one file that runs without Python: what goes in, how it is laid out, and how it starts."""
