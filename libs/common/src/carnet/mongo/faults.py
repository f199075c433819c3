"""Faults of MongoDB and of units of work: which are transient, and trying again while they are."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

R = TypeVar("R")

_MAX_TIME_EXPIRED = 50
"""The code with which the server says that a commit took longer than it was given."""


_CUT_OFF = 290
"""The code with which the server says that it has ended a transaction in the middle of a command: it took too long."""


class BusyError(Exception):
    """A transaction met conflicts for longer than ``PATIENCE``: nothing has changed, try again."""


class VersionConflictError(PyMongoError):
    """A state was saved by somebody else since it was read; the transaction runs again."""

    def __init__(self, collection: str) -> None:
        super().__init__(f"a document of {collection} has moved", ["TransientTransactionError"])


class ForeignError(Exception):
    """An event names an object that belongs to another organisation (ORG-1)."""


class NotLoadedError(Exception):
    """A piece of work asked for more than was loaded for it, in a unit that reads nothing more."""


def is_transient(error: BaseException) -> bool:
    """Whether trying again later may help: the network, a step-down, a conflict."""
    if isinstance(error, BusyError | ConnectionFailure | AutoReconnect | NetworkTimeout | ExecutionTimeout):
        return True
    if isinstance(error, WTimeoutError):
        return True
    if isinstance(error, PyMongoError) and (
        error.has_error_label("TransientTransactionError") or error.has_error_label("RetryableWriteError")
    ):
        return True
    return isinstance(error, OperationFailure) and error.code in TRANSIENT


def may_be_too_much(error: BaseException) -> bool:
    """Whether it may help to do less in one transaction.

    It met conflicts again and again, or the server ends it before it is done, however often it is tried.
    """
    return isinstance(error, BusyError) or (isinstance(error, OperationFailure) and error.code == _CUT_OFF)


TRANSIENT = frozenset({11600, 11602, 189, 91, 10107, 13435, 13436, 251, _CUT_OFF, 112, 50, 239, 246})
"""Codes of transient faults. 251: the transaction is gone. 290: it was cut off in the middle of a command because it
took too long. 112: a conflict. 50: the majority did not confirm a commit in time, which MongoDB also reports as a fault
of the write concern. 239 and 246: there is no snapshot yet. The others: interrupted by a shutdown or a change of
primary."""


async def patiently(ask: Callable[[], Awaitable[R]], seconds: float) -> R:
    """The result of ``ask``, which is tried again for so many seconds while its fault is transient.

    For work that must not be dropped half done, such as saving what was handed to a provider.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await ask()
        except Exception as error:
            if not is_transient(error) or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


def may_have_committed(error: PyMongoError) -> bool:
    """Whether a commit that failed so is to be sent again, since it is unknown whether it happened."""
    too_slow = isinstance(error, OperationFailure) and error.code == _MAX_TIME_EXPIRED
    return error.has_error_label("UnknownTransactionCommitResult") and not too_slow
