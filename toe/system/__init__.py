"""The operating system: facts, processes, files. The only place that asks which system this is."""
