"""Requests between services: what one asks of another by events, and waits for.

``asked`` is one request with its answer, ``together`` several that are granted all or none, both pure; ``causes`` are
what services ask of each other, ``kept``, ``uncovered`` and ``refused_uses`` what credits says where it refuses;
``alarm`` shows what waits too long. The answers of APIs about them (202, where to look, the short wait) are in
``carnet.http``.

A request is published as an event and answered by events that carry its id. The service asked always answers, once and
whole: it grants everything that the request names, in one event or one for each object, or refuses and does nothing,
and says why in the words that the client of the service that asked reads.
Nothing is decided by a timeout: what is not answered waits, visibly.
"""
