"""The HTTP side of payments: schedules, payments, previews and the follow-up."""
