"""Invoices: the documents, and what is decided about them."""
