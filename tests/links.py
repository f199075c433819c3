"""The links to papers that tests write and read."""

from pydantic import SecretStr

from carnet.links import Links

LINK_KEYS = SecretStr("a-key-of-tests-that-has-32-characters")
LINKS = Links(LINK_KEYS)
