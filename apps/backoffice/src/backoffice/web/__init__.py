"""The shell that all pages share: visits, sessions, forms, the layout. Subjects import from here alone."""

from backoffice.web.forms import Form
from backoffice.web.framed import framed
from backoffice.web.papers import pdf_shown
from backoffice.web.routing import pages
from backoffice.web.visits import AnyVisit, Visit, needs
from backoffice.web.waiting import loads_again

__all__ = ["AnyVisit", "Form", "Visit", "framed", "loads_again", "needs", "pages", "pdf_shown"]
