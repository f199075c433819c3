"""The schedule of a contract: what is planned, what moves it, and what is still to come of it."""
