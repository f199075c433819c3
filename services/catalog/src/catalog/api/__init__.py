"""HTTP in: the bodies of requests and answers, and the routes."""
