"""The subscription of a contract: its periods, and what is billed next."""
