"""What must appear in no log: values, the forms in which programs print them, and where these stand in a text."""
