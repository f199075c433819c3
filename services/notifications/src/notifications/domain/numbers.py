"""The number of a contract that people say, as the mails about it name it (CON-27)."""

from carnet.decisions import State


class NumberedContract(State):
    """A contract that has a number, such as ``2027-0042``."""

    number: str
