"""What is given to somebody by a code, a gift voucher or a gift card: shown, sent, printed (CRE-8, CRE-9)."""

from dataclasses import dataclass

from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of, person_of
from backoffice.apis import Problem, ServiceAwayError, quoted
from backoffice.contracts.calls import account_of
from backoffice.web import Form, Visit, pdf_shown


@dataclass(frozen=True, slots=True)
class Given:
    """The pages of one kind of gift.

    Attributes:
        folder: Where they are, and the routes of credits about it: ``vouchers``.
        template: The template that shows one, as the variable ``variable``.
        file: The name of the file to print.
        sent: What is said once it is sent, perhaps again.
    """

    folder: str
    template: str
    variable: str
    file: str
    sent: str

    def path(self, id_: str) -> str:
        """The address of one in the API."""
        return f"/credits/v1/{self.folder}/{quoted(id_)}"

    async def show(self, visit: Visit, id_: str, form: Form, status: int = 200) -> Response:
        """Its page, with the person to whom it is given."""
        found = await visit.api.read(self.path(id_))
        family = await account_of(visit, found.body["account"])
        recipient = None
        if isinstance(family, dict):
            recipient = person_of(family, found.body["recipient"]) if found.body["recipient"] else owner_of(family)
        return await visit.page(
            self.template,
            status,
            version=found.version,
            family=family,
            recipient=recipient,
            form=form,
            name_of=name_of,
            owner_of=owner_of,
            **{self.variable: found.body},
        )

    async def send(self, visit: Visit, id_: str) -> Response:
        """Send it to its recipient now, perhaps once more, or on another day: as the form on its page asks."""
        form = await visit.sent()
        version = form.whole("version", least=0, most=10**9)
        moves = form.value("do") == "move"
        on = form.day("on") if moves else None
        if not form.wrong:
            what, body, method = ("sending-day", {"on": on}, "PUT") if moves else ("sendings", None, "POST")
            path = f"{self.path(id_)}/{what}"
            try:
                await visit.api.send(path, body, key=form.key, version=version, method=method)
            except (Problem, ServiceAwayError) as fault:
                form.refuse(fault, await visit.currency())
            else:
                done = visit.gettext("The day is changed.") if moves else visit.gettext(self.sent)
                return visit.to(f"/{self.folder}/{quoted(id_)}", done)
        return await self.show(visit, id_, form, 422)

    async def print(self, visit: Visit, id_: str) -> Response:
        """The paper to print and to hand over, in the language of the family's mails."""
        found = await visit.api.get(self.path(id_))
        family = await account_of(visit, found["account"])
        language = family["language"] if isinstance(family, dict) else visit.language
        return await pdf_shown(visit, f"{self.path(id_)}/pdf", visit.gettext(self.file), language=language)
