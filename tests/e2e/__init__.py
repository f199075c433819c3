"""A package, so that a suite can be shared by its modules and ends with the last of them."""
