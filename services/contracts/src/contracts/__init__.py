"""Carnet's contracts service: client accounts and contracts."""
