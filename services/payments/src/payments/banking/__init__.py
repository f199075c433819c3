"""What was taken on site by cash or cheque, and the bank deposits by which it goes to the bank (PAY-7)."""
