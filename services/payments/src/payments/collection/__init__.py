"""Collecting what is due from payment methods (PAY-6, PAY-11)."""
