"""The executor: walks documents, phases and steps."""
