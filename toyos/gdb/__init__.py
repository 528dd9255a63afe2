"""gdb and the toy operating system: symbols and source lines in formats that gdb reads, processes, the terminal."""
