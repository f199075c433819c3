"""Client credits: of a family, one with its movements, granting, adjusting, paying a contract with one."""
