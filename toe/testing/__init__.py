"""Component documents as tests: `toe test` and the pytest plugin."""
