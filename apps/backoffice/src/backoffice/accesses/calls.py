"""What the pages of accesses ask of contracts."""

from backoffice.apis import quoted

MOST_SHOWN = 200


def of_account(account: str) -> str:
    """The address of the accesses of an account."""
    return f"/contracts/v1/accounts/{quoted(account)}/accesses"


def input_of(field: str) -> str:
    """The name of the input of a field that a refusal names."""
    return f"details.{field}" if field.startswith("settings.") else field


def path_of(access: str) -> str:
    """The address of an access."""
    return f"/contracts/v1/accesses/{quoted(access)}"
