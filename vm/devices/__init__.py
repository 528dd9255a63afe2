"""The board's devices: plain Python, deterministic, knowing neither engine nor files.

Reading order: bus.py (how an address reaches a device), uart.py, clint.py, plic.py, finisher.py, rtc.py,
htif.py (the `tohost` convention of bare-metal tests), fdt.py and boardtree.py (how software learns of all this).
"""
