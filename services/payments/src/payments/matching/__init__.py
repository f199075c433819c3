"""Payments matched to invoices: reconciliation (INV-6)."""
