"""Scholarships: funds, what is awarded from them, and what of it covers parts of lines (CRE-11)."""
