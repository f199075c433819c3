"""What notifications keeps."""

from carnet_operations.verify.informed import mails
from carnet_operations.verify.reading import Side
from carnet_operations.verify.walks.walking import Walk, only


class NotificationsWalk(Walk):
    """Mails and their templates."""

    async def go(self) -> None:
        """Check all of it."""
        streams = {
            "journal": self.journal("notifications"),
            "mails": self.kept("notifications", "mails"),
            "templates": self.kept("notifications", "templates"),
            **self.marks("notifications.messages"),
        }
        await self.walk(streams, self._of_notifications)

    def _of_notifications(self, aggregate: str, side: Side) -> None:
        rows = side["journal"]
        self.common("notifications", aggregate, rows, only(side["mails"]) or only(side["templates"]), side)
        for mail in side["mails"]:
            mails.check_sending(mail, rows, self.report)
        for template in side["templates"]:
            mails.check_template(template, rows, self.report)
