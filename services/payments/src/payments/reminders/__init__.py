"""Payment reminders: what is due is recalled by mail, on a calendar or by hand (PAY-10, NOT-4)."""
