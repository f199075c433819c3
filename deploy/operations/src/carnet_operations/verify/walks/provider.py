"""The orders of payments beside the book of the sandbox."""

from dataclasses import dataclass

from carnet_operations.verify.money import provider_book
from carnet_operations.verify.money.provider_book import Book
from carnet_operations.verify.reading import Side
from carnet_operations.verify.walks.walking import Walk


@dataclass(frozen=True)
class ProviderWalk(Walk):
    """What the sandbox did for the organisations of this suite."""

    book: Book | None = None
    """What the sandbox did; None if that is not checked."""

    async def go(self) -> None:
        """The sandbox's book, if its address is known."""
        of_provider = {"provider": provider_book.PROVIDER}
        if self.book is None:
            if count := await self.databases["payments"]["orders"].count_documents(of_provider):
                self.report.notes.append(
                    f"{count} orders to the {provider_book.PROVIDER} were not compared with its book: its address is "
                    "not known. Give it as --sandbox, or in CARNET_SANDBOX_URL."
                )
            return
        organisations = await self.databases["catalog"]["organisations"].distinct("_id")
        comparison = provider_book.Comparison(self.book, frozenset(organisations), self.report)
        streams = {
            "orders": self.kept("payments", "orders", query=of_provider),
            "reversals": self.kept("payments", "reversals", "payment"),
        }

        def check(_: str, side: Side) -> None:
            for order in side["orders"]:
                comparison.check(order, side["reversals"])

        await self.walk(streams, check)
        comparison.end()
