"""A session pack, what it is sold as, and how sessions are taken of it (CRE-10)."""
