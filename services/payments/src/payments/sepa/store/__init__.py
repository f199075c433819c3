"""What SEPA direct debits keep: settings, mandates, remittances."""
