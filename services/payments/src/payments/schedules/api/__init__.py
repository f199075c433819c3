"""The routes of schedules, of upcoming payments and of previews."""
