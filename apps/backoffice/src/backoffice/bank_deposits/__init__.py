"""Bank deposits: what came in cash and by cheque is handed to the bank, with a slip (PAY-7)."""
