"""The routes of invoices: settings, issuing, credit notes, reading, in bulk."""
