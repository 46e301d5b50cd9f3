"""Provenance: from what, by what and with which results an image was made, as a statement that can be signed."""
