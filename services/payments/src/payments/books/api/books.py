"""The accounts and the closed periods of the books (INV-7)."""

from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.mongo import Unit
from payments.access import KeepsBooks, StaffReads
from payments.books.api.views import BooksSettingsBody, BooksView, ClosingBody
from payments.books.domain.books import books_id, change_plan, close
from payments.books.store import BOOKS, books_of, books_to_change

routes = router(tags=["books"])


@routes.get("/books", response_model=BooksView)
async def show_books(call: StaffReads) -> Response:
    """The accounts that the accounting export names, and what is closed (INV-7)."""
    books = await books_of(call.database, call.organisation)
    return call.show(BooksView.of(books), version=books.version)


@routes.put("/books", response_model=BooksView)
async def change_books(body: BooksSettingsBody, command: KeepsBooks) -> Response:
    """Use other accounts in the export; what is closed keeps those that it was closed with (INV-7)."""

    async def work(unit: Unit, context: Context) -> Reply:
        books = await books_to_change(unit, command.organisation)
        command.must_match(books.version)
        saved = unit.decide(BOOKS, change_plan(books, body.read), context)
        return Reply(BooksView.of(saved), saved.version)

    return await command.run(work)


@routes.post("/books/closings", response_model=BooksView, status_code=201)
async def close_period(body: ClosingBody, command: KeepsBooks) -> Response:
    """Close all days until one, for good: their export stays the same, and corrections fall in the next (INV-7)."""

    async def work(unit: Unit, context: Context) -> Reply:
        books = await books_to_change(unit, command.organisation)
        command.must_match(books.version)
        saved = unit.decide(BOOKS, close(books, body.until, context), context)
        return Reply(BooksView.of(saved), saved.version)

    return await command.run(work, status=201)


@routes.get("/books/journal")
async def books_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Who changed the accounts and closed periods, in order (ORG-4)."""
    return await journal_page(call, books_id(call.organisation), page)
