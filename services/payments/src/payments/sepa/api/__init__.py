"""The routes of SEPA direct debits."""
