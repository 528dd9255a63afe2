"""The command line: one module a command, loaded only when its command is asked for (see main.py)."""
