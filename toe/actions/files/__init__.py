"""What the actions on files and folders share."""
