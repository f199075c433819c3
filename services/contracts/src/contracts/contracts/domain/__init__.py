"""The decisions on contracts."""
