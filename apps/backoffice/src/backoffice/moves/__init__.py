"""Moves of a schedule by staff: payments, dates and amounts, cheques, corrections. Previewed, then done once."""
