"""The HTTP side of payments: schedules, payments, upcoming payments, previews, the deposit list and the follow-up."""
