"""What a value of the Windows registry may be, and how it is stored: pure functions, for every operating system.

How it is set stands in toe/system/windows/registry.py.
"""
