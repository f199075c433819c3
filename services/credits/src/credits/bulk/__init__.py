"""One client credit for each of many families, by a bulk job (CRE-2)."""
