"""Everything of an organisation in one file: JSON Lines of all that is kept, files that an import reads (IMP-5)."""
