"""A run from its documents to its result: loaded and planned, carried out with its logs, resumed."""
