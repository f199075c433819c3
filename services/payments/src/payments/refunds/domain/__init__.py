"""The decisions on what goes back."""
