"""The instructions of cisc mode that have to do with privilege, for the simulator."""

from __future__ import annotations

from tests.cisc.arithmetic import WORD
from tests.cisc.decoding import Decoder, Place
from tests.cisc.hart import BREAKPOINT, CALL, SAVED, SP, Fault, R, W
from vm.arch import (
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_TSR,
    PRIV_M,
    PRIV_S,
    PRIV_U,
)


class Privileged(Decoder):
    """A hart with these instructions: CSRs, traps and returns, contexts."""

    target: int  # where the next instruction is

    def _do_csrr(self, dst: Place, csr: Place) -> None:
        self._put(dst, self._read_csr(csr.value))

    def _do_csrw(self, csr: Place, src: Place) -> None:
        self._write_csr(csr.value, src.value & WORD)

    def _do_csrs(self, csr: Place, src: Place) -> None:
        self._write_csr(csr.value, self._read_csr(csr.value) | src.value & WORD)

    def _do_csrc(self, csr: Place, src: Place) -> None:
        self._write_csr(csr.value, self._read_csr(csr.value) & ~src.value & WORD)

    def _do_csrrw(self, dst: Place, csr: Place, src: Place) -> None:
        old = self._read_csr(csr.value)
        self._write_csr(csr.value, src.value & WORD)
        self._put(dst, old)

    # ---- privilege
    def _do_nop(self) -> None:
        pass

    _do_fence = _do_fence_i = _do_nop

    def _do_sfence(self) -> None:
        if self.priv == PRIV_U:
            raise self.illegal

    def _do_tbis(self, address: Place) -> None:
        self._do_sfence()

    def _do_wfi(self) -> None:
        self._do_sfence()
        self.lost = True

    def _do_bpt(self) -> None:
        raise Fault(BREAKPOINT, self.pc)

    def _do_chmk(self, code: Place) -> None:
        raise Fault(CALL + self.priv, code.value)

    def _do_svpctx(self) -> None:
        if self.priv == PRIV_U:
            raise self.illegal
        pcb, sp = self.csrs["pcbb"], self.r[SP]
        for k in (0, 10):
            self._span((pcb + 4 * k) & WORD, 4, W)
        pc, psw = self.load(sp), self.load((sp + 4) & WORD)
        for k, value in enumerate([*self.r[:SAVED], self.csrs["usp"], pc, psw]):
            self.store((pcb + 4 * k) & WORD, value)
        self.r[SP] = (sp + 8) & WORD

    def _do_ldpctx(self) -> None:
        if self.priv == PRIV_U:
            raise self.illegal
        pcb, sp = self.csrs["pcbb"], self.r[SP]
        for k in (0, 10):
            self._span((pcb + 4 * k) & WORD, 4, R)
        words = [self.load((pcb + 4 * k) & WORD) for k in range(11)]
        for k in (4, 8):
            self._span((sp - k) & WORD, 4, W)
        self.r[:SAVED] = words[:SAVED]
        self.changes.append(lambda: self.csrs.__setitem__("usp", words[8]))
        self._push(words[10])
        self._push(words[9])

    def _do_rei(self) -> None:
        if self.priv == PRIV_U or (self.priv == PRIV_S and self.mstatus & MSTATUS_TSR):
            raise self.illegal
        sp = self.r[SP]
        self.target, psw = self.load(sp), self.load((sp + 4) & WORD)
        self.r[SP] = (sp + 8) & WORD
        self.changes.append(lambda: self._return(psw))

    def _return(self, psw: int) -> None:
        """The registers and the pc have been made: the privilege and the stack follow."""
        status = self.mstatus
        if self.priv == PRIV_S:
            self.csrs["sepc"] = self.pc
            self.priv = PRIV_S if psw & MSTATUS_SPP else PRIV_U
            status &= ~(MSTATUS_SPP | MSTATUS_SIE)
            self.mstatus = status | MSTATUS_SPIE | (MSTATUS_SIE if psw & MSTATUS_SPIE else 0)
            if self.priv == PRIV_U:
                self.csrs["ksp"], self.x[SP] = self.x[SP], self.csrs["usp"]
        else:
            self.csrs["mepc"] = self.pc
            self.priv = psw >> 11 & 3
            if self.priv == 2:
                self.priv = PRIV_U
            status &= ~(MSTATUS_MPP | MSTATUS_MIE)
            self.mstatus = status | MSTATUS_MPIE | (MSTATUS_MIE if psw & MSTATUS_MPIE else 0)
            if self.priv != PRIV_M:
                self.csrs["msp"], self.x[SP] = self.x[SP], self.csrs["msp"]
