"""Session packs: what is left of each, who used it and until when it is valid (CRE-10)."""
