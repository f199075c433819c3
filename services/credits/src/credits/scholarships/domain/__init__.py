"""The decisions on scholarships: no I/O, no clock."""
