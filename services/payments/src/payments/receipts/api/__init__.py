"""The routes of payments that staff records, and of cheques that are held."""
