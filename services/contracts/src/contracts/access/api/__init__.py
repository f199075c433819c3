"""Accesses over HTTP."""
