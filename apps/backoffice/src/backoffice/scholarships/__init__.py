"""Scholarship funds, what is awarded from them, and what they pay for whom (CRE-11)."""
