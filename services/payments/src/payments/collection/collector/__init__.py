"""The run: what is due is collected, every order is seen to its end, by any number of workers (PAY-6, PAY-11)."""
