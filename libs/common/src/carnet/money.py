"""Money: integer minor units and an ISO 4217 code (MON-1), split without loss (MON-2)."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LARGEST = 10**12
"""The largest amount that Carnet takes, in minor units: ten billion euros. Sums of it stay far inside 64 bits."""

Amount = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
"""An amount of minor units, zero or more. A float is refused, even a whole one."""

PositiveAmount = Annotated[int, Field(strict=True, gt=0, le=LARGEST)]
"""An amount of minor units above zero."""

SignedAmount = Annotated[int, Field(strict=True, ge=-LARGEST, le=LARGEST)]
"""An amount of minor units of either sign."""

BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
"""A rate in basis points: 1000 is 10 %."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
_DECIMALS = {
    code: digits
    for digits, codes in ((0, _NO_DECIMALS), (3, _THREE_DECIMALS), (4, _FOUR_DECIMALS))
    for code in codes.split()
}
"""ISO 4217: the currencies whose minor unit is not a hundredth."""


def decimals_of(currency: str) -> int:
    """How many decimals the minor unit of an ISO 4217 currency is: 2 for EUR, 0 for JPY (MON-1).

    That of the standard, not of daily use, in which the Serbian dinar has none: 300000 of RSD
    are 3000.00 dinars everywhere.
    """
    return _DECIMALS.get(currency, 2)


class Money(BaseModel):
    """Money as the API writes it: ``{"amount": 30000, "currency": "EUR"}`` is 300.00 euros."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: SignedAmount
    currency: Currency


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split ``amount`` minor units by ``weights``, losing and gaining nothing (MON-2).

    Each share is floored, then the missing units go one by one to the largest
    remainders, ties to the earliest. All-zero weights count as equal, a negative
    amount is split as its absolute value.

    >>> split(10000, [1, 1, 1])
    [3334, 3333, 3333]
    >>> split(-7, [5000, 3000, 2001])
    [-4, -2, -1]

    Raises ``ValueError`` where there is nothing to split over or a weight is negative.
    """
    if not weights:
        raise ValueError("an amount cannot be split over no weights")
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight cannot be negative")
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    shares = [abs(amount) * weight // whole for weight in weights]
    remainders = [abs(amount) * weight % whole for weight in weights]
    missing = abs(amount) - sum(shares)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:missing]:
        shares[index] += 1
    return [-share for share in shares] if amount < 0 else shares


def rate_of(amount: int, rate: int) -> int:
    """``rate`` basis points of a non-negative ``amount`` minor units, rounded half up (CON-7).

    >>> rate_of(105, 1000)
    11
    """
    return (amount * rate + 5_000) // 10_000
