"""What a run keeps, so that it can be gone on with: its records, its journal, and its past."""
