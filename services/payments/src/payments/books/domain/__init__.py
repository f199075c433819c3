"""The decisions of the books."""
