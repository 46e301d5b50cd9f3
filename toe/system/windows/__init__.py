"""What only Windows has: its calls, jobs, command lines, registry, names and owners."""
