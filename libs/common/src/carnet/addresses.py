"""Email addresses: which can be written to, and how SMTP takes them (NOT-5)."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from carnet.refusals import invalid


@dataclass(frozen=True, slots=True)
class MailAddress:
    """An address that a mail server can be given."""

    written: str
    """The address as SMTP takes it: its domain in ASCII."""
    needs_smtputf8: bool
    """True where the part before the @ has letters beyond ASCII: the mail server must offer SMTPUTF8 (RFC 6531)."""


def mail_address(text: str) -> MailAddress:
    """The address in ``text``, by its syntax alone: nothing is looked up. Raises ``ValueError`` where it is none.

    >>> mail_address("contact@école.example").written
    'contact@xn--cole-9oa.example'
    """
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise ValueError("write one email address, such as office@example.org") from error
    return MailAddress(f"{found.local_part}@{found.ascii_domain}", needs_smtputf8=found.ascii_email is None)


def refuse_unwritable(addresses: dict[str, str | None], *, smtputf8: bool) -> None:
    """Refuse an address that the mail server cannot write to (NOT-5).

    ``addresses`` are those of a request by the path of their field; ``smtputf8`` says what the mail server
    can do. Raises ``address-not-writable``, which names the field and never the address.
    """
    for field, address in addresses.items():
        if address is not None and not smtputf8 and mail_address(address).needs_smtputf8:
            raise invalid(
                "address-not-writable",
                f"The body field {field}: the mail server can only write to addresses whose part before the @ has "
                "plain letters (a to z), digits and signs. Write another address.",
                rule="NOT-5",
                field=field,
            )
