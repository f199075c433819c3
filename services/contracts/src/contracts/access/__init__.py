"""The access that online plans give members to the courses of a platform (CON-20)."""
