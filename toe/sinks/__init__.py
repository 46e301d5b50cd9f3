"""Where events go: logs, reports, the terminal. Sinks know events and results, nothing else."""
