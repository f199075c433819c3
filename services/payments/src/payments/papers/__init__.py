"""Papers that a link in a mail leads to: no token but the link's signature lets their reader in."""
