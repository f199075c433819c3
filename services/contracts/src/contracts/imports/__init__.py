"""Families that come from another system, with their contracts and credits (IMP-1 to IMP-3)."""
