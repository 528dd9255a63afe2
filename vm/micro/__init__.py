"""What instructions mean, written once, and the executors that run it. docs/engine.md gives the reading order."""
