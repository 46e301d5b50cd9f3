"""YAML documents: bytes to positioned nodes to the typed model."""
