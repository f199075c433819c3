"""Carnet's notifications service: emails to clients and support."""
