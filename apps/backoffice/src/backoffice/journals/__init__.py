"""The journals of the catalogue and of the settings: who changed what, in words (ORG-4)."""
