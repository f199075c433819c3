"""The suite on one machine: embedded servers, processes, and the carnet command."""
