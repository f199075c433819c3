"""Views show their states."""
