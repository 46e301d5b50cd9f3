"""The live view on a terminal: `model` is fed with events, `layout` makes lines of it, `screen` the bytes."""
