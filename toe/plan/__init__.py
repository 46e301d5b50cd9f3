"""What a run would do, told before anything runs: data made by a pure function, and two writers of it."""
