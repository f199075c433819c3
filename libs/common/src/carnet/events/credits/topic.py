"""The topic of credits, and what its events share."""

from carnet.events import scholarships

CREDITS = scholarships.CREDITS
