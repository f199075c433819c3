"""IBANs are encrypted at rest: by the first of the keys of the environment, readable by each of them (PAY-18).

Fernet (AES-128-CBC with an HMAC) of ``cryptography``; what is sealed names whose it is, so that a sealed text that was
copied to another document is refused.
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealedError(Exception):
    """What is sealed can't be read by any of the keys, or belongs to something else."""


class KeyMissingError(SealedError):
    """None of the keys reads it: the one that it was encrypted by is not among them."""


class Vault:
    """Seals and reads with the keys given, of 32 bytes each in URL-safe base64: the first one seals."""

    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])

    def seal(self, of: str, text: str) -> str:
        """The text encrypted, as that of the document ``of``."""
        return self._fernet.encrypt(f"{of}:{text}".encode()).decode()

    def read(self, of: str, sealed: str) -> str:
        """The text that was sealed for ``of``. Raises ``SealedError``, or more precisely ``KeyMissingError``."""
        try:
            whose, _, text = self._fernet.decrypt(sealed).decode().partition(":")
        except InvalidToken as error:
            raise KeyMissingError(f"the bank account of {of} can't be read by any key") from error
        if whose != of:
            raise SealedError(f"the bank account of {of} was sealed for something else")
        return text

    def rotated(self, sealed: str) -> str:
        """The same, sealed by the first key."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken as error:
            raise KeyMissingError("a bank account can't be read by any key") from error
