"""Payments that staff receives, and the cheques that are held (PAY-7)."""
