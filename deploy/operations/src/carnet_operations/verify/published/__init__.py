"""Promise: every entry of a journal is published as it stands and received by every service that follows it.

``journals`` holds journals against topics and marks, ``topics`` reads the records, ``states`` holds
documents and copies against the last event that published them.
"""
