"""Gift cards: one as it is, sending it again, looking a code up, paying a contract with one."""
