"""Why this amount? Every amount of a schedule with the moves that made it (PAY-17)."""
