"""The texts of the mails: read, changed, tried with sample data, and back to the default words (NOT-2)."""
