"""The decisions about reminders."""
