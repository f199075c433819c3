"""The mails of the organisation: what was sent, what was not, and sending it again (NOT-3)."""
