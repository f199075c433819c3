"""What the people of a family are registered for."""
