"""Takings and bank deposits, decided (PAY-7)."""
