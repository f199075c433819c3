"""A workshop."""

from backoffice.catalogue.kinds.fields import Part
from backoffice.catalogue.kinds.occurrences import CAPACITY, OCCURRENCES
from backoffice.languages import N_

PART = Part(
    "workshop", N_("Some days around one subject: a weekend, a holiday week."), (CAPACITY, OCCURRENCES), place=2
)
