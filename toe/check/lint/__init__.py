"""Findings about what is legal but unwise in a component document: `TOE5xx`, never an error."""
