"""The sandbox: a payment provider that moves no money and behaves as real ones do, chosen by the token."""
