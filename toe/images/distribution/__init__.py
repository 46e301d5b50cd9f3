"""Distribution: an image goes to all places that a configuration names, and is announced when all have it."""
