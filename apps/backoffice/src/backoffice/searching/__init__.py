"""One search for everything: families, members, contracts, products, payments by the provider's reference."""
