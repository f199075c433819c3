"""Client accounts, as payments knows them: their names, which many subjects show, and who was erased (ORG-4)."""
