"""The decisions on what is received."""
