"""Opening a contract for a family: what it buys, how it pays; previewed, then opened once."""
