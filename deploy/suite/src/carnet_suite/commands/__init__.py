"""The commands of a suite on this machine, a file for each group."""
