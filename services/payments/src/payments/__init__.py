"""Carnet's payments service: payment schedules and payments."""
