"""The routes of contracts and purchases."""
