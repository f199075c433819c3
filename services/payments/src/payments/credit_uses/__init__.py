"""Payments by client credit (CRE-3)."""
