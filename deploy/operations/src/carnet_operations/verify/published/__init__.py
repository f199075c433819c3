"""Promise: every entry of a journal is published as it is and received by every service that follows it.

``journals`` compares journals with topics and marks, ``topics`` reads the records, ``states`` compares documents and
copies with the last event that published them.
"""
