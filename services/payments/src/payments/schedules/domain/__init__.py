"""The decisions on a schedule."""
