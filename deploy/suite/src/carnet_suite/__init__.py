"""The suite on one machine without Docker: embedded servers, and the supervisor of its processes."""
