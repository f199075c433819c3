"""What notifications decides: which mails are due, how each one goes on, whose words they are in."""
