"""What contracts does on which event: the reactions of its subjects."""

from contracts.contracts.reactions import REACTIONS

__all__ = ["REACTIONS"]
