"""The toolchain's speed: lines of assembly a second, and the cost of one small program from cold."""
