"""A provider to sign in at, for the suite on one machine: it knows a few people, and asks for no password.

It speaks OpenID Connect as real ones do (authorization code, PKCE, refresh tokens, sign-out), and its access tokens are
those of `carnet token`, signed with the suite's own key. In containers a Keycloak takes its place.
"""
