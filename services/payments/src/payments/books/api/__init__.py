"""The routes of the books."""
