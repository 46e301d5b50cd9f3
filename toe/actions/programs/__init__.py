"""Programs that several actions call."""
