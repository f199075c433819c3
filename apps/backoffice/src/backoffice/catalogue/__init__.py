"""The catalogue: what the school sells, written, put on sale and archived (CAT-1 to 5)."""
