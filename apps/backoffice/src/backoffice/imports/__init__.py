"""Families from other software: a file is looked through, then imported by a job (IMP-1, IMP-2)."""
