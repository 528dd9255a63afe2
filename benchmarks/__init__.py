"""Measurements: the engine beside QEMU, the toolchain's speed, the price of a context switch."""
