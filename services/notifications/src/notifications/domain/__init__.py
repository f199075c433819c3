"""The decisions of notifications: which mails are due, the states of a mail, the organisations' templates."""
