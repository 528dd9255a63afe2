"""Size of RAM, boot arguments, initial RAM disk -> the device tree that describes this board to its software.

The nodes are those of QEMU's `virt` machine, which Linux, OpenSBI and teaching kernels know how to read; the bindings
are the devicetree bindings of the Linux kernel (serial/8250, timer/sifive,clint, interrupt-controller/sifive,plic,
power/reset).
"""

from vm.arch import (
    CLINT_BASE,
    CLINT_SIZE,
    FINISHER_BASE,
    FINISHER_PASS,
    FINISHER_RESET,
    FINISHER_SIZE,
    IRQ_MEI,
    IRQ_MSI,
    IRQ_MTI,
    IRQ_SEI,
    PLIC_BASE,
    PLIC_SIZE,
    RAM_BASE,
    RTC_BASE,
    RTC_SIZE,
    TIMEBASE_HZ,
    UART_BASE,
    UART_IRQ,
    UART_SIZE,
    VIRTIO_BASE,
    VIRTIO_IRQ,
    VIRTIO_SIZE,
    VIRTIO_SLOTS,
)
from vm.devices.fdt import Node, flatten
from vm.devices.plic import SOURCES
from vm.devices.rtc import RTC_IRQ
from vm.isa.sets import DEFAULT_ISA, ISAS

UART_CLOCK_HZ = 3_686_400
CPU, CPU_INTERRUPTS, PLIC, FINISHER = 1, 2, 3, 4  # phandles: names by which nodes refer to each other


def cells64(*numbers: int) -> list[int]:
    """Numbers -> two cells each, high half first, as #address-cells = #size-cells = 2 wants them."""
    return [half for number in numbers for half in (number >> 32, number & 0xFFFF_FFFF)]


def board_tree(
    ram_size: int,
    bootargs: str = "",
    initrd: tuple[int, int] | None = None,
    isa: str = DEFAULT_ISA,
) -> bytes:
    """RAM in bytes, kernel command line, (first address, address after the last) of the initrd -> flattened tree.
    isa: a name of vm.isa.sets.ISAS."""
    root = Node("", {
        "#address-cells": 2,
        "#size-cells": 2,
        "compatible": "riscv-virtio",
        "model": "riscv-virtio,toyos",
    })  # fmt: skip
    uart = f"serial@{UART_BASE:x}"
    root.add("chosen", {"stdout-path": f"/soc/{uart}"})
    choose(root, bootargs, initrd)
    root.add(f"memory@{RAM_BASE:x}", {"device_type": "memory", "reg": cells64(RAM_BASE, ram_size)})
    add_cpus(root, isa)
    soc = root.add("soc", {"#address-cells": 2, "#size-cells": 2, "compatible": "simple-bus", "ranges": None})
    add_finisher(root, soc)
    soc.add(uart, {
        "compatible": "ns16550a",
        "reg": cells64(UART_BASE, UART_SIZE),
        "clock-frequency": UART_CLOCK_HZ,
        "interrupts": UART_IRQ,
        "interrupt-parent": PLIC,
    })  # fmt: skip
    soc.add(f"rtc@{RTC_BASE:x}", {
        "compatible": "google,goldfish-rtc",
        "reg": cells64(RTC_BASE, RTC_SIZE),
        "interrupts": RTC_IRQ,
        "interrupt-parent": PLIC,
    })  # fmt: skip
    add_interrupt_controllers(soc)
    add_virtio(soc)
    return flatten(root)


def choose(root: Node, bootargs: str, initrd: tuple[int, int] | None) -> None:
    """What the user has chosen for this run is put into the tree's /chosen; what is not said stays as it is."""
    chosen = next((child for child in root.children if child.name == "chosen"), None) or root.add("chosen", {})
    if bootargs:
        chosen.properties["bootargs"] = bootargs
    if initrd is not None:
        chosen.properties |= {"linux,initrd-start": initrd[0], "linux,initrd-end": initrd[1]}


def add_cpus(root: Node, isa: str) -> None:
    """The one hart, what it can do, and its own interrupt controller."""
    cpus = root.add("cpus", {"#address-cells": 1, "#size-cells": 0, "timebase-frequency": TIMEBASE_HZ})
    cpu = cpus.add("cpu@0", {
        "device_type": "cpu",
        "reg": 0,
        "status": "okay",
        "compatible": "riscv",
        "mmu-type": "riscv,sv32",
        "riscv,isa": ISAS[isa].string,
        "riscv,isa-base": "rv32i",
        "riscv,isa-extensions": list(ISAS[isa].extensions),
        "phandle": CPU,
    })  # fmt: skip
    cpus.add("cpu-map", {}).add("cluster0", {}).add("core0", {"cpu": CPU})
    cpu.add("interrupt-controller", {
        "compatible": "riscv,cpu-intc",
        "interrupt-controller": None,
        "#interrupt-cells": 1,
        "#address-cells": 0,
        "phandle": CPU_INTERRUPTS,
    })  # fmt: skip


def add_finisher(root: Node, soc: Node) -> None:
    """The test finisher, and how to switch off and restart the machine through it."""
    soc.add(f"test@{FINISHER_BASE:x}", {
        "compatible": ["sifive,test1", "sifive,test0", "syscon"],
        "reg": cells64(FINISHER_BASE, FINISHER_SIZE),
        "phandle": FINISHER,
    })  # fmt: skip
    for name, value in (("poweroff", FINISHER_PASS), ("reboot", FINISHER_RESET)):
        root.add(name, {"compatible": f"syscon-{name}", "regmap": FINISHER, "offset": 0, "value": value})


def add_interrupt_controllers(soc: Node) -> None:
    """CLINT (software and timer interrupts) and PLIC (device interrupts, contexts M and S of hart 0)."""
    soc.add(f"clint@{CLINT_BASE:x}", {
        "compatible": ["sifive,clint0", "riscv,clint0"],
        "reg": cells64(CLINT_BASE, CLINT_SIZE),
        "interrupts-extended": [CPU_INTERRUPTS, IRQ_MSI, CPU_INTERRUPTS, IRQ_MTI],
    })  # fmt: skip
    soc.add(f"plic@{PLIC_BASE:x}", {
        "compatible": ["sifive,plic-1.0.0", "riscv,plic0"],
        "reg": cells64(PLIC_BASE, PLIC_SIZE),
        "interrupt-controller": None,
        "#interrupt-cells": 1,
        "#address-cells": 0,
        "interrupts-extended": [CPU_INTERRUPTS, IRQ_MEI, CPU_INTERRUPTS, IRQ_SEI],
        "riscv,ndev": SOURCES - 1,
        "phandle": PLIC,
    })  # fmt: skip


def add_virtio(soc: Node) -> None:
    """The virtio slots, empty ones too, as drivers find out by themselves which have a device."""
    for slot in range(VIRTIO_SLOTS):
        base = VIRTIO_BASE + slot * VIRTIO_SIZE
        soc.add(f"virtio_mmio@{base:x}", {
            "compatible": "virtio,mmio",
            "reg": cells64(base, VIRTIO_SIZE),
            "interrupts": VIRTIO_IRQ + slot,
            "interrupt-parent": PLIC,
        })  # fmt: skip
