"""A figure and how it is written down."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured beside its floor, and the ratio that was aimed at; without a floor the words say it."""

    name: str
    floor: str
    measured: float
    beside: float
    unit: str
    goal: float | None
    """The ratio aimed at; None if none was set."""

    @property
    def ratio(self) -> float:
        """Measured over floor."""
        return self.measured / self.beside

    def row(self) -> str:
        """The figure as a row of a Markdown table."""
        return (
            f"| {self.name} | {self.measured:,.0f}{self.unit} | {self.floor} | {self.beside:,.0f}{self.unit} "
            f"| **{self.ratio:.0%}** | {self._verdict()} |"
        )

    def _verdict(self) -> str:
        if self.goal is None:
            return "none set"
        return f"≥ {self.goal:.0%}, {'reached' if self.ratio >= self.goal else 'missed'}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure that has no floor: what was read, and whether the goal was reached."""

    name: str
    read: str
    goal: str
    reached: bool

    def row(self) -> str:
        """The reading as a row of a Markdown table."""
        return f"| {self.name} | {self.read} | {self.goal}, {'reached' if self.reached else 'missed'} |"
