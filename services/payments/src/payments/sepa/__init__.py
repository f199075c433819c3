"""SEPA direct debits: mandates, settings, and the remittances that are handed to the bank (PAY-18)."""
