"""SEPA direct debits: mandates of families, and the remittances that are handed to the bank (PAY-18)."""
