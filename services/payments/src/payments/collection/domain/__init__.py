"""The decisions on collecting."""
