"""Going on after a reboot: a script that starts the run again, what has the system run it, and the reboot itself.

When a run reboots, and what it remembers, is not decided here (toe.engine).
"""
