"""The settings of the organisation: who it is, when instalments are collected, the clock of a test organisation."""
