"""Promise: the accountant's export agrees with schedules, invoices and credits."""
