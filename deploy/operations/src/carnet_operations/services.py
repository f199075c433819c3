"""The services of the suite, by name: the one list that commands, processes and proofs use."""

SERVICES = ("catalog", "contracts", "payments", "credits", "notifications")
