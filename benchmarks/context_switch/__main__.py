"""`python -m benchmarks.context_switch`: the same as `toyos bench context-switch`."""

from benchmarks.standalone import main

if __name__ == "__main__":
    main("context-switch")
