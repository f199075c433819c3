"""Payment providers: what Carnet asks of one, whichever it is (PAY-6, PAY-12)."""
