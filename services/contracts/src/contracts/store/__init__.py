"""Documents, indexes and queries: the only part of the service that knows MongoDB."""
