"""What the follow-up keeps: its rows; and the day in figures."""
