"""HTTP in: what requests and answers look like, and the routes."""
