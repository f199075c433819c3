"""Carnet's catalog service: what an organisation sells."""
