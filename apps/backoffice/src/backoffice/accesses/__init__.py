"""Access to online courses."""
