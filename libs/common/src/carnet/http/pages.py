"""Lists without a bound, page by page: ``{"items": [...], "next": cursor}``, asked for again with ``?cursor=``."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar, overload

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request

from carnet.http.calls import Wiring, organisation_of_request
from carnet.http.problems import ProblemError

T = TypeVar("T")
State = TypeVar("State")
Place = tuple[str | int, ...]
A = TypeVar("A", str, int)
B = TypeVar("B", str, int)
C = TypeVar("C", str, int)


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T] = Field(description="The items of this page, in the order of the list.")
    next: str | None = Field(default=None, description="The cursor of the next page; null on the last one.")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """``ProductPage`` is a page of ``ProductView``."""
        return f"{params[0].__name__.removesuffix('View')}Page"


class PageRequest:
    """Which page is asked for: at most ``limit`` items after the place that the cursor marks.

    A cursor holds the sort values of the last item shown, which nobody can read, and belongs to
    one list with its filters, in one organisation: any other one is refused rather than misread.
    """

    def __init__(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200, description="How many items at most.")] = 50,
        cursor: Annotated[str | None, Query(max_length=10_000, description="`next` of the page before.")] = None,
    ) -> None:
        self.limit = limit
        self._request = request
        self._cursor = cursor
        rest = sorted(item for item in request.query_params.multi_items() if item[0] not in {"limit", "cursor"})
        self._list = repr((request.url.path, rest))

    @property
    def fetch(self) -> int:
        """How many items to read: one more than are shown, to know whether a page follows."""
        return self.limit + 1

    @overload
    def after(self, first: type[A], /) -> tuple[A] | None: ...
    @overload
    def after(self, first: type[A], second: type[B], /) -> tuple[A, B] | None: ...
    @overload
    def after(self, first: type[A], second: type[B], third: type[C], /) -> tuple[A, B, C] | None: ...
    def after(self, *types: type) -> tuple[object, ...] | None:
        """The sort values of the last item shown, of these types; none on the first page.

        Raises a problem (422) where the cursor is not one of this list.
        """
        if self._cursor is None:
            return None
        try:
            values = self._wiring.cursors.read(self._bound_to, self._cursor)
        except ValueError:
            raise _refused() from None
        if [type(value) for value in values] != list(types):
            raise _refused()
        return tuple(values)

    def of(self, found: Sequence[State], *, place: Callable[[State], Place], show: Callable[[State], T]) -> Page[T]:
        """The page of ``found``, which holds up to ``fetch`` items; ``place`` gives an item's sort values."""
        shown = found[: self.limit]
        following = self._mark(place(shown[-1])) if len(found) > self.limit else None
        return Page(items=[show(state) for state in shown], next=following)

    def looked_through(
        self, found: Sequence[State], *, at: Place | None, place: Callable[[State], Place], show: Callable[[State], T]
    ) -> Page[T]:
        """The page of what was found among items that were looked through one by one.

        ``at`` is the place of the last one looked at where others follow it: there the next page goes on, if this one
        is not full. None if all were looked at.
        """
        page = self.of(found, place=place, show=show)
        return page if page.next is not None or at is None else Page(items=page.items, next=self._mark(at))

    def _mark(self, place: Place) -> str:
        return self._wiring.cursors.write(self._bound_to, place)

    @property
    def _wiring(self) -> Wiring:
        wiring: Wiring = self._request.app.state.carnet
        return wiring

    @property
    def _bound_to(self) -> str:
        # Read as late as this: the caller is admitted by another dependency of the route.
        return f"{organisation_of_request(self._request)} {self._list}"


PageAsked = Annotated[PageRequest, Depends(PageRequest)]
"""What a route that lists takes: ``async def products(call: Reads, page: PageAsked) -> Page[ProductView]``."""


def _refused() -> ProblemError:
    return ProblemError(
        422,
        "cursor-invalid",
        "This cursor is not one of this list with these filters. Send 'next' of the page before with the same "
        "filters, or leave it out to begin anew.",
        errors=[{"field": "cursor", "place": "query", "problem": "it is not a cursor of this list"}],
    )
