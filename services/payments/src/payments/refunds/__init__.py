"""Money that goes back: refund lines and their settlements, and what the bank takes back (PAY-4, PAY-13)."""
