"""Session packs: one with its movements, and sessions taken of them at the door."""
