"""Signing in and out at the provider of the organisation."""
