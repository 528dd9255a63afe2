"""How decoded records lie in memory: one numpy dtype, and the numbers that generated code takes from it."""

import numpy as np

from vm.arch import PAGE_SHIFT

# Host address of the handler; immediate; register numbers; number of the micro-op.
RECORD = np.dtype([("fn", "u8"), ("imm", "u4"), ("rd", "u1"), ("rs1", "u1"), ("rs2", "u1"), ("op", "u1")])
RECORD_BYTES = RECORD.itemsize
REC_FN, REC_IMM, REC_RD, REC_RS1, REC_RS2, REC_OP = (int(RECORD.fields[n][1]) for n in RECORD.names)  # type: ignore

INSTRUCTION_SHIFT = 2  # instructions start at multiples of 1 << this: four bytes in the RISC modes, one in cisc
RECORD_SHIFT = RECORD_BYTES.bit_length() - 1 - INSTRUCTION_SHIFT  # record address >> this counts bytes of code
RECORDS_PER_PAGE = 1 << (PAGE_SHIFT - INSTRUCTION_SHIFT)
SLOT_RECORDS = RECORDS_PER_PAGE + 1  # the last one leads to the next page
LONGEST_CHAIN = 3  # instructions that one fused handler may run: see fusion.py
NO_OP = 255  # the number in records that are not decoded
SLOT_BYTES = SLOT_RECORDS * RECORD_BYTES
SLOTS = 4096  # executed pages that are kept decoded at a time: 64 MiB of address space, touched as it is used
