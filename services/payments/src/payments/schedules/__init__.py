"""The schedule of a contract: what is planned, what moves it, and what of it is still to come."""
