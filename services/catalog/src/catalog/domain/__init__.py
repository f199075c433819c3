"""What an organisation is and what it sells: frozen states and pure decisions."""
