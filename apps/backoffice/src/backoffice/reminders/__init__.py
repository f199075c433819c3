"""Payment reminders: who gets one today, the calendar, and those of a family."""
