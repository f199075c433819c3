"""Invoices and credit notes (INV-1 to INV-5)."""
