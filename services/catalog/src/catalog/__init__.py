"""Carnet's catalog service: organisations and the products that they sell."""
