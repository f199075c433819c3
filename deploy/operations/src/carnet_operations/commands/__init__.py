"""The commands for operators, a file for each group; `carnet_operations.cli` loads those that are asked for."""
