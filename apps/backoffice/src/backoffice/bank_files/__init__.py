"""Files of the bank: sent from its own site, and what they came to."""
