# What a process is made of beside its PCB and its memory: in `risc` mode nothing.

.include "no_context.inc"
