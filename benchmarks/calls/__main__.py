"""`python -m benchmarks.calls`: the same as `toyos bench calls`."""

from benchmarks.standalone import main

if __name__ == "__main__":
    main("calls")
