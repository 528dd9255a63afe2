"""Numbers of the architecture: privilege levels, causes, CSR numbers and bits, page-table bits, memory map.

Numbers only, and no imports: everything else in the project may lean on this file.
Sources: The RISC-V Instruction Set Manual, Volume II: Privileged Architecture (ratified, version
20211203 and the Sstc extension of 2021); the board layout is that of QEMU's `virt` machine.
"""

# ---- privilege levels (Volume II, table 1.1) -------------------------------------------------------
PRIV_U, PRIV_S, PRIV_M = 0, 1, 3
PRIV_NAMES = {PRIV_U: "user", PRIV_S: "supervisor", PRIV_M: "machine"}

# ---- sizes -------------------------------------------------------------------------------------------------
WORD = 4  # bytes of a register, of an address, of an entry of a page table

# ---- instructions of the RISC modes (Volume I, section 1.5) -------------------------------------------------
INSTRUCTION_BYTES = 4  # the length of all of them, but for compressed ones

# ---- trap causes (Volume II, table 3.6) -------------------------------------------------------------
CAUSE_MISALIGNED_FETCH = 0
CAUSE_FETCH_ACCESS = 1
CAUSE_ILLEGAL_INSTRUCTION = 2
CAUSE_BREAKPOINT = 3
CAUSE_MISALIGNED_LOAD = 4
CAUSE_LOAD_ACCESS = 5
CAUSE_MISALIGNED_STORE = 6
CAUSE_STORE_ACCESS = 7
CAUSE_ECALL_U = 8
CAUSE_ECALL_S = 9
CAUSE_ECALL_M = 11
CAUSE_FETCH_PAGE_FAULT = 12
CAUSE_LOAD_PAGE_FAULT = 13
CAUSE_STORE_PAGE_FAULT = 15
CAUSE_DOUBLE_TRAP = 16  # cisc mode only
CAUSE_WINDOW_OVERFLOW = 24  # 24 to 31 are for custom use
CAUSE_WINDOW_UNDERFLOW = 25
EXCEPTION_NAMES = {
    CAUSE_MISALIGNED_FETCH: "instruction address misaligned",
    CAUSE_FETCH_ACCESS: "instruction access fault",
    CAUSE_ILLEGAL_INSTRUCTION: "illegal instruction",
    CAUSE_BREAKPOINT: "breakpoint",
    CAUSE_MISALIGNED_LOAD: "load address misaligned",
    CAUSE_LOAD_ACCESS: "load access fault",
    CAUSE_MISALIGNED_STORE: "store address misaligned",
    CAUSE_STORE_ACCESS: "store access fault",
    CAUSE_ECALL_U: "ecall from user mode",
    CAUSE_ECALL_S: "ecall from supervisor mode",
    CAUSE_ECALL_M: "ecall from machine mode",
    CAUSE_FETCH_PAGE_FAULT: "instruction page fault",
    CAUSE_LOAD_PAGE_FAULT: "load page fault",
    CAUSE_STORE_PAGE_FAULT: "store page fault",
    CAUSE_DOUBLE_TRAP: "double trap",
    CAUSE_WINDOW_OVERFLOW: "window overflow",
    CAUSE_WINDOW_UNDERFLOW: "window underflow",
}
EXCEPTION_NAMES_OF_MODE = {  # where a mode has another name for the same cause
    "cisc": {
        CAUSE_ECALL_U: "chmk from user mode",
        CAUSE_ECALL_S: "chmk from supervisor mode",
        CAUSE_ECALL_M: "chmk from machine mode",
    },
}
INTERRUPT_FLAG = 0x8000_0000
IRQ_SSI, IRQ_MSI, IRQ_STI, IRQ_MTI, IRQ_SEI, IRQ_MEI = 1, 3, 5, 7, 9, 11
INTERRUPT_NAMES = {
    IRQ_SSI: "supervisor software interrupt",
    IRQ_MSI: "machine software interrupt",
    IRQ_STI: "supervisor timer interrupt",
    IRQ_MTI: "machine timer interrupt",
    IRQ_SEI: "supervisor external interrupt",
    IRQ_MEI: "machine external interrupt",
}
IRQ_PRIORITY = (IRQ_MEI, IRQ_MSI, IRQ_MTI, IRQ_SEI, IRQ_SSI, IRQ_STI)  # section 3.1.9, highest first

MIP_SSIP, MIP_MSIP, MIP_STIP, MIP_MTIP, MIP_SEIP, MIP_MEIP = (1 << n for n in (1, 3, 5, 7, 9, 11))

# ---- mstatus (section 3.1.6) --------------------------------------------------------------------------
MSTATUS_SIE, MSTATUS_MIE, MSTATUS_SPIE, MSTATUS_MPIE, MSTATUS_SPP = 1 << 1, 1 << 3, 1 << 5, 1 << 7, 1 << 8
MSTATUS_MPP_SHIFT = 11
MSTATUS_MPP = 3 << MSTATUS_MPP_SHIFT
MSTATUS_MPRV, MSTATUS_SUM, MSTATUS_MXR = 1 << 17, 1 << 18, 1 << 19
MSTATUS_TVM, MSTATUS_TW, MSTATUS_TSR = 1 << 20, 1 << 21, 1 << 22
SSTATUS_MASK = MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SUM | MSTATUS_MXR

ENVCFG_FIOM = 1
MENVCFGH_STCE = 1 << 31  # Sstc
COUNTER_CY, COUNTER_TM, COUNTER_IR = 1, 2, 4

# ---- Sv32 (section 4.3) -------------------------------------------------------------------------------
PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
PAGE_MASK = PAGE_SIZE - 1
PTE_V, PTE_R, PTE_W, PTE_X, PTE_U, PTE_G, PTE_A, PTE_D = (1 << n for n in range(8))
PTE_PPN_SHIFT = 10
PTE_BYTES_LOG = 2  # an entry has four bytes
LEVEL_BITS = 10  # of a virtual address, which choose the entry in a table
SATP_MODE = 1 << 31
SATP_PPN = (1 << 22) - 1

# ---- CSR numbers (table 2.2 and following) -------------------------------------------------------------
CSR = {
    "cycle": 0xC00, "time": 0xC01, "instret": 0xC02, "cycleh": 0xC80, "timeh": 0xC81, "instreth": 0xC82,
    "sstatus": 0x100, "sie": 0x104, "stvec": 0x105, "scounteren": 0x106, "senvcfg": 0x10A,
    "sscratch": 0x140, "sepc": 0x141, "scause": 0x142, "stval": 0x143, "sip": 0x144,
    "stimecmp": 0x14D, "stimecmph": 0x15D, "satp": 0x180,
    "mvendorid": 0xF11, "marchid": 0xF12, "mimpid": 0xF13, "mhartid": 0xF14, "mconfigptr": 0xF15,
    "mstatus": 0x300, "misa": 0x301, "medeleg": 0x302, "mideleg": 0x303, "mie": 0x304, "mtvec": 0x305,
    "mcounteren": 0x306, "menvcfg": 0x30A, "mstatush": 0x310, "menvcfgh": 0x31A, "mcountinhibit": 0x320,
    "mscratch": 0x340, "mepc": 0x341, "mcause": 0x342, "mtval": 0x343, "mip": 0x344,
    "mcycle": 0xB00, "minstret": 0xB02, "mcycleh": 0xB80, "minstreth": 0xB82,
    "tselect": 0x7A0, "tdata1": 0x7A1, "tdata2": 0x7A2, "tdata3": 0x7A3,
    **{f"pmpcfg{n}": 0x3A0 + n for n in range(16)},
    **{f"pmpaddr{n}": 0x3B0 + n for n in range(64)},
    **{f"mhpmevent{n}": 0x320 + n for n in range(3, 32)},
    **{f"mhpmcounter{n}": 0xB00 + n for n in range(3, 32)},
    **{f"mhpmcounter{n}h": 0xB80 + n for n in range(3, 32)},
}  # fmt: skip
# Those of one mode only. The numbers are from the ranges for custom use of table 2.1.
CSR_OF_MODE: dict[str, dict[str, int]] = {
    "window": {"cwp": 0x5C0, "wim": 0x5C1, "nwin": 0xDC0},
    "cisc": {"usp": 0x5C2, "ksp": 0x5C3, "pcbb": 0x5C4, "msp": 0x7C0},
}

# ---- register windows (window mode) --------------------------------------------------------------------
NWIN_LEAST, NWIN_MOST, NWIN_DEFAULT = 2, 32, 8

# ---- memory map of the board (QEMU hw/riscv/virt) -------------------------------------------------------
FINISHER_BASE, FINISHER_SIZE = 0x0010_0000, 0x1000
RTC_BASE, RTC_SIZE = 0x0010_1000, 0x1000
CLINT_BASE, CLINT_SIZE = 0x0200_0000, 0x1_0000
CLINT_MTIME = 0xBFF8  # offset of the 64-bit timer
PLIC_BASE, PLIC_SIZE = 0x0C00_0000, 0x60_0000
UART_BASE, UART_SIZE, UART_IRQ = 0x1000_0000, 0x100, 10
VIRTIO_BASE, VIRTIO_SIZE, VIRTIO_SLOTS, VIRTIO_IRQ = 0x1000_1000, 0x1000, 8, 1  # of the first slot, and so on
RAM_BASE = 0x8000_0000
RAM_SIZE_DEFAULT = 64 << 20
TIMEBASE_HZ = 10_000_000
CLOCKS_PER_TICK = 10  # mtime advances once per ten instructions: a nominal 100 MIPS and 10 MHz
REAL_TIME_CLOCKS_PER_TICK = 400  # where it follows the host's clock (vm/realtime.py): more than a host can run
FINISHER_PASS, FINISHER_FAIL, FINISHER_RESET = 0x5555, 0x3333, 0x7777
