"""Printed documents: what a template and its data become as PDF/A-3 that everybody can read (PDF/UA).

The template is a file of typst beside the code that needs it; it imports ``@carnet/paper`` (``packages/``). Data goes
in as JSON and is never part of a source, so what a person typed cannot be read as a command. The fonts are shipped,
those of the machine are not used: the same data gives the same bytes everywhere.

A service that prints names the extra ``carnet[paper]``. The libraries are imported when they are first used, so that a
process that prints nothing is not larger for them.
"""
