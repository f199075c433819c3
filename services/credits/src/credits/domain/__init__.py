"""What credits decides: client credits granted, used, restored, adjusted and removed (CRE-1 to CRE-7)."""
