"""Promise: a schedule agrees with its contract, and its documents with its journal, to the minor unit.

``replayed`` adds the schedule up from its journal and ``ledger`` the money on it; ``documents`` and ``collection``
compare what payments and contracts keep of it.
"""
