"""Invoices and credit notes: found, issued, cancelled, in bulk, and what they say of the school (INV-1 to INV-5)."""
