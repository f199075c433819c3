"""The decisions on SEPA direct debits."""
