"""HTTP in: the mails of a client and of the organisation, and the templates (NOT-2, NOT-3)."""
