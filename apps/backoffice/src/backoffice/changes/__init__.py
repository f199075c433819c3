"""Changes of a contract: chosen, previewed, confirmed. One way for all of them."""
