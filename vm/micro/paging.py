"""Virtual address -> physical address: the Sv32 walk and the software TLBs it fills.

Source: Volume II, section 4.3 (Sv32) and 3.1.6.3 (MPRV, SUM, MXR). A and D bits are set by the walk. Entries of 4 KiB
are cached, also those of superpages. The TLBs have a bank an access right (see vm.state), so that a change of
privilege changes a pointer and empties nothing.
"""

from vm.arch import (
    CAUSE_FETCH_ACCESS,
    CAUSE_FETCH_PAGE_FAULT,
    CAUSE_LOAD_ACCESS,
    CAUSE_LOAD_PAGE_FAULT,
    CAUSE_STORE_ACCESS,
    CAUSE_STORE_PAGE_FAULT,
    LEVEL_BITS,
    MSTATUS_MPP_SHIFT,
    MSTATUS_MPRV,
    MSTATUS_SUM,
    MSTATUS_TVM,
    PAGE_MASK,
    PAGE_SHIFT,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    PTE_A,
    PTE_BYTES_LOG,
    PTE_D,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
    SATP_PPN,
)
from vm.micro.context import Routine, routine
from vm.micro.slots import SLOT_MASK, new_slot, stored
from vm.state import (
    BANK_M,
    BANK_S,
    BANK_S_SUM,
    BANK_U,
    DTLB,
    DTLB_ENTRIES,
    ITLB,
    ITLB_ENTRIES,
    LAYOUT,
    TLB_INVALID,
    TLB_LOG,
)

READ, WRITE, EXEC = "read", "write", "exec"
_FAULTS = {
    READ: (CAUSE_LOAD_PAGE_FAULT, CAUSE_LOAD_ACCESS),
    WRITE: (CAUSE_STORE_PAGE_FAULT, CAUSE_STORE_ACCESS),
    EXEC: (CAUSE_FETCH_PAGE_FAULT, CAUSE_FETCH_ACCESS),
}
_PPN_REACHED = 1 << (32 - PAGE_SHIFT)  # Sv32 has 34-bit physical addresses; the board has nothing above 4 GiB
_PTE_X_LOG, _MXR_LOG = 3, 19


def fence_is_refused(m):
    """-> condition: sfence.vma is illegal here (section 3.1.6.5)."""
    return (m.s.priv == PRIV_U) | ((m.s.priv == PRIV_S) & ((m.s.mstatus & MSTATUS_TVM) != 0))


def in_ram(m, paddr):
    """Physical address -> (condition: it is in RAM, its offset there)."""
    offset = paddr - RAM_BASE
    return offset < m.s.ram_size.low(), offset


def _permitted(m, pte, access, priv):
    """Leaf entry -> condition: this access from this privilege is allowed (sections 4.3.1 and 3.1.6.3)."""
    user_page = (pte & PTE_U) != 0
    from_user = priv == PRIV_U
    if access == EXEC:
        return ((pte & PTE_X) != 0) & (m.bit(user_page) == m.bit(from_user))
    reachable = m.select(from_user, m.bit(user_page), m.bit(~m.bit(user_page) & 1 | m.s.mstatus & MSTATUS_SUM != 0))
    if access == WRITE:
        return ((pte & PTE_W) != 0) & (reachable != 0)
    readable = (m.s.mstatus >> (_MXR_LOG - _PTE_X_LOG)) & PTE_X | PTE_R
    return ((pte & readable) != 0) & (reachable != 0)


def walk(m, va, access, marking: bool = True):
    """Virtual address -> 64 bits: the physical address, or in the high word the cause of the fault. marking: whether A
    and D are set."""
    page_fault, access_fault = (m.wide(cause << 32) for cause in _FAULTS[access])
    priv = m.s.priv if access == EXEC else m.s.data_priv
    satp = m.s.satp
    if (priv == PRIV_M) | ((satp & SATP_MODE) == 0):
        return va.u64()
    table = satp & SATP_PPN
    for level in (1, 0):
        if table >= _PPN_REACHED:
            return access_fault
        shift = PAGE_SHIFT + LEVEL_BITS * level
        number = (va >> shift) & ((1 << LEVEL_BITS) - 1)
        present, offset = in_ram(m, (table << PAGE_SHIFT) + (number << PTE_BYTES_LOG))
        if not present:
            return access_fault
        pte = m.ram(offset, 4)
        if ((pte & PTE_V) == 0) | ((pte & (PTE_R | PTE_W)) == PTE_W):
            return page_fault
        if (pte & (PTE_R | PTE_X)) != 0:
            inside = (1 << shift) - 1
            frame = pte >> PTE_PPN_SHIFT
            if not _permitted(m, pte, access, priv):
                return page_fault
            if level and (frame & ((1 << LEVEL_BITS) - 1)) != 0:
                return page_fault  # misaligned superpage
            wanted = PTE_A | PTE_D if access == WRITE else PTE_A
            if marking and (pte & wanted) != wanted:
                m.ram_set(offset, 4, pte | wanted)
                stored(m, offset)
            if frame >= _PPN_REACHED:
                return access_fault
            return ((frame << PAGE_SHIFT) | (va & inside)).u64()
        if (pte & (PTE_D | PTE_A | PTE_U)) != 0:
            return page_fault  # reserved in a pointer entry
        table = pte >> PTE_PPN_SHIFT
    return page_fault


def _remember(m, name, entry) -> None:
    """An entry of this TLB is about to be filled: notes it for emptying."""
    fills = getattr(m.s, name + "_fills")
    if fills < TLB_LOG:
        m.put(name + "_log", fills, entry)
    setattr(m.s, name + "_fills", m.select(fills <= TLB_LOG, fills + 1, fills))


def _data_routine(access: str) -> Routine:
    def resolve(m, va):
        found = walk(m, va, access)
        if found.high() != 0:
            return found
        present, offset = in_ram(m, found.low())
        if present:
            page = va & ~PAGE_MASK
            entry = dtlb_entry(m, va)
            known = m.peek(entry + 4)
            if access == WRITE:
                plain = m.table("page_slot", offset >> PAGE_SHIFT) == 0
                tag = m.select(plain, page, m.word(TLB_INVALID))
            else:
                tag = m.select(known == page, known, m.word(TLB_INVALID))
            _remember(m, "dtlb", entry)
            m.poke(entry, page)
            m.poke(entry + 4, tag)
            m.poke64(entry + 8, m.s.ram_host + offset.u64() - va.u64())
        return found

    return Routine(resolve, f"resolve_{access}", (32,), 64)


# Virtual address -> physical address or fault, as walk; the page enters the data TLB when it is RAM.
resolve = {access: _data_routine(access) for access in (READ, WRITE)}


@routine(32, returns=32)
def fetch_page(m, va):
    """Address of an instruction -> 0 with its page in the instruction TLB, or the cause of the fault."""
    found = walk(m, va, EXEC)
    if found.high() != 0:
        return found.high()
    present, offset = in_ram(m, found.low())
    if not present:
        return m.word(CAUSE_FETCH_ACCESS)
    page = offset >> PAGE_SHIFT
    slot = m.table("page_slot", page) & SLOT_MASK
    if slot == 0:
        slot = new_slot(m, page)
    entry = itlb_entry(m, va)
    _remember(m, "itlb", entry)
    m.poke(entry, va & ~PAGE_MASK)
    m.poke(entry + 4, page)
    m.poke64(entry + 8, m.s.records_host + slot.u64() * m.target.layout.slot_bytes)
    return m.word(0)


def dtlb_entry(m, va):
    """Address of data -> byte offset of its data TLB entry in the state record, in the bank in force."""
    return (m.s.dtlb_host - m.s.state_host).low() + ((va >> PAGE_SHIFT) & (DTLB_ENTRIES - 1)) * DTLB.itemsize


def itlb_entry(m, va):
    """Address of an instruction -> byte offset of its instruction TLB entry in the state record."""
    return (m.s.itlb_host - m.s.state_host).low() + ((va >> PAGE_SHIFT) & (ITLB_ENTRIES - 1)) * ITLB.itemsize


@routine()
def set_banks(m):
    """After a change of privilege or of mstatus: which privilege data accesses have, and which TLB banks apply."""
    status, priv = m.s.mstatus, m.s.priv
    loaned = (priv == PRIV_M) & ((status & MSTATUS_MPRV) != 0)
    data = m.select(loaned, (status >> MSTATUS_MPP_SHIFT) & 3, priv)
    m.s.data_priv = data
    supervisor = m.select((status & MSTATUS_SUM) != 0, m.word(BANK_S_SUM), m.word(BANK_S))
    bank = m.select(data == PRIV_M, m.word(BANK_M), m.select(data == PRIV_S, supervisor, m.word(BANK_U)))
    m.s.dtlb_host = m.s.state_host + LAYOUT["dtlb"][0] + bank.u64() * (DTLB_ENTRIES * DTLB.itemsize)
    fetch = m.select(priv == PRIV_M, m.word(BANK_M), m.select(priv == PRIV_S, m.word(BANK_S), m.word(BANK_U)))
    m.s.itlb_host = m.s.state_host + LAYOUT["itlb"][0] + fetch.u64() * (ITLB_ENTRIES * ITLB.itemsize)


def flush_tlbs(m) -> None:
    """Forgets every translation."""
    m.empty_tlb("dtlb")
    m.empty_tlb("itlb")
