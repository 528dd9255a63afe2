"""The CSRs that are others where there are compressed instructions."""

from vm.isa.csr_table import table
from vm.micro.csr import Csr, constant, plain

_TABLE = table(isa="rv32imac")
ROWS: tuple[Csr, ...] = (plain(_TABLE["sepc"]), plain(_TABLE["mepc"]), constant(_TABLE["misa"]))
