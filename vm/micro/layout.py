"""How decoded records lie in memory: one numpy dtype, and the numbers that generated code takes from it."""

import numpy as np

from vm.arch import INSTRUCTION_BYTES, PAGE_SHIFT

# Host address of the handler; immediate; register numbers; number of the micro-op.
RECORD = np.dtype([("fn", "u8"), ("imm", "u4"), ("rd", "u1"), ("rs1", "u1"), ("rs2", "u1"), ("op", "u1")])
RECORD_BYTES = RECORD.itemsize
REC_FN, REC_IMM, REC_RD, REC_RS1, REC_RS2, REC_OP = (int(RECORD.fields[n][1]) for n in RECORD.names)  # type: ignore

# Instructions start at multiples of 1 << this: 2 for the RISC modes, 1 with compressed instructions, 0 where they start
# at any byte. There is a record for every such place.
INSTRUCTION_SHIFT = 2
RECORD_SHIFT = RECORD_BYTES.bit_length() - 1 - INSTRUCTION_SHIFT  # record address >> this counts bytes of code
RECORDS_PER_PAGE = 1 << (PAGE_SHIFT - INSTRUCTION_SHIFT)
SLOT_RECORDS = RECORDS_PER_PAGE + 1  # the last one leads to the next page
LONGEST_CHAIN = 3  # instructions that one fused handler may run: see fusion.py
STEP_BYTES = RECORD_BYTES * (INSTRUCTION_BYTES >> INSTRUCTION_SHIFT)  # from an instruction's record to the next one's
# A store within an aligned word spoils every instruction that reaches into it: records this far before the word, in
# bytes of code, to its end; those in front whose fused handlers run such an instruction are among them.
WORD_BYTES = 4
SPOILED_BEFORE = LONGEST_CHAIN * INSTRUCTION_BYTES - (1 << INSTRUCTION_SHIFT)
NO_OP = 255  # the number in records that are not decoded
SLOT_BYTES = SLOT_RECORDS * RECORD_BYTES
SLOTS = 4096  # executed pages that are kept decoded at a time: 64 MiB of address space, touched as it is used
