"""Images that were built: what there is, what needs what, and what may go."""
