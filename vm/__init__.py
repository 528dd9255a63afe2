"""The machine: hart, memory, devices. `from vm import Machine`; nothing is imported before it is asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vm.machine import Machine, MachineError, Stop, TrapRecord

__all__ = ["Machine", "MachineError", "Stop", "TrapRecord"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from vm import machine

        return getattr(machine, name)
    raise AttributeError(f"module 'vm' has no attribute {name!r}")
