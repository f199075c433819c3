"""Promise: clients and support are informed of each event that they must know of, once, with its amounts."""
