"""Another price for all subscriptions of a product."""
