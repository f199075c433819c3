"""Promise: invoices have numbers without a gap, and what a live invoice bears stays as it is."""
