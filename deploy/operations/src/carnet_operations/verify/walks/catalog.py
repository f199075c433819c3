"""What the catalogue keeps, and the copies that others have of it."""

from carnet_operations.verify.published import states
from carnet_operations.verify.reading import Side
from carnet_operations.verify.walks.walking import Walk, only


class CatalogWalk(Walk):
    """Organisations and products."""

    @property
    def _copies(self) -> dict[str, tuple[str, str]]:
        """The copies of organisations and products to compare, by the name of the stream: service, collection."""
        return {
            f"{service}.{kind}": (service, kind)
            for kind in ("organisations", "products")
            for service in self.following.followers.get(f"catalog.{kind}", ())
        }

    async def go(self) -> None:
        """Check all of it."""
        streams = {
            "journal": self.journal("catalog"),
            "organisations": self.kept("catalog", "organisations"),
            "products": self.kept("catalog", "products"),
            **{name: self.kept(*place) for name, place in self._copies.items()},
            **self.marks("catalog.organisations", "catalog.products"),
        }
        await self.walk(streams, self._of_catalog)

    def _of_catalog(self, aggregate: str, side: Side) -> None:
        rows = side["journal"]
        state = only(side["organisations"]) or only(side["products"])
        self.common("catalog", aggregate, rows, state, side)
        for document in side["organisations"]:
            states.check_state("catalog.organisations", "ORG-5", document, rows, self.report)
        for document in side["products"]:
            states.check_state("catalog.products", "CAT-4", document, rows, self.report)
        for name in self._copies:
            for document in side[name]:
                states.check_copy(name, document, rows, self.report)
