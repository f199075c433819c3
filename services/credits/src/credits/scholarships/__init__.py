"""Scholarships: funds, what is awarded from them, and what that covers of lines (CRE-11)."""
