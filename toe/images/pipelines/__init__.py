"""Pipelines of Image Builder on this machine: what starts them, what one run does, and what is kept of it."""
