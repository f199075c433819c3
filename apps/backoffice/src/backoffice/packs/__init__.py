"""Session packs: one as it is, with its movements."""
