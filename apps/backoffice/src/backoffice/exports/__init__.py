"""Everything of the school in one file, to be kept or taken along (IMP-5)."""
