"""How UpdateOS speaks to each package manager, and to Windows Update: one small module each, and what they share."""
