"""A contract: its purchases, its schedule, its payments, its journal and its mails."""
