"""Promise: views show their states."""
