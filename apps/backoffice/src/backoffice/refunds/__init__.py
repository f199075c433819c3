"""Refund lines: those that await correction by support, those to refund on site, and how one is settled (PAY-4)."""
