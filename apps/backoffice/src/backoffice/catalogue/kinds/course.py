"""A course."""

from backoffice.catalogue.kinds.fields import Part
from backoffice.catalogue.kinds.occurrences import CAPACITY, OCCURRENCES
from backoffice.languages import N_

PART = Part("course", N_("A class through the season, for one member at a time."), (CAPACITY, OCCURRENCES), place=1)
