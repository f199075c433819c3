"""The routes of the follow-up and its export."""
