"""HTTP in: the credits of a client, their movements, and what staff does with them (CRE-1, CRE-2, CRE-7, CRE-8)."""
