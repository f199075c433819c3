"""Carnet's credits service: client credits."""
