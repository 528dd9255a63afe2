"""toyos: the toy operating system, its tools and its command line.

`from toyos import boot` is the whole machine as one function; see toyos/boot.py.
"""

# The function takes the place of the module of the same name, so that one must be loaded here; it loads nothing heavy.
from toyos.boot import boot as boot
