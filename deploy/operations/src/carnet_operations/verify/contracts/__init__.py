"""Promise: a contract agrees with itself: its document is what its journal adds up to, by the rules of contracts."""
