"""How sessions are taken of a session pack, and when its family is reminded of its last day (CRE-10)."""
