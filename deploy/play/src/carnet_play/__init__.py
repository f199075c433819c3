"""What plays with a whole suite: the story of a school (`carnet demo`) and the bench (`make bench`)."""
