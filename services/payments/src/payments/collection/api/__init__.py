"""The routes of collecting and of the providers' webhooks."""
