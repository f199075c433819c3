"""Post-dated cheques that are held: which go to the bank when, and that they went (PAY-7)."""
