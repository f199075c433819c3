"""Promise: the money in and out agrees with the orders to providers, and these with the provider's own book."""
