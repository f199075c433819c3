"""The routes of refund lines and of reversals."""
