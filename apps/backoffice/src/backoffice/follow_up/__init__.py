"""The payment follow-up (PAY-9): every contract with what is paid, due, late and to refund."""
