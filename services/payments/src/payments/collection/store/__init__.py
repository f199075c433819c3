"""What collecting keeps: calendars, and the orders to providers."""
