"""Refunds of direct debits by transfer: the files for the bank, and what became of each refund."""
