"""When families are reminded of session packs: the settings of these mails (CRE-10)."""
