"""toyos: the toy operating system, its tools and its command line."""
