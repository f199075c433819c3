"""The figures of `make bench`: each a ratio measured in one run beside its floor.

A floor does the same work on the same servers with nothing of Carnet in between, so the speed of the machine cancels
out, and a figure shows what Carnet costs.
"""
