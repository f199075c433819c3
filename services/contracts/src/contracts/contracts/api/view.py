"""What every answer of this subject is made of."""

from pydantic import ConfigDict

from carnet.tolerance import Tolerant


class View(Tolerant):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)
