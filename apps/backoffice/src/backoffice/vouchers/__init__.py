"""Gift vouchers: one as it is, and sending it again."""
