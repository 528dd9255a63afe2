# What a process is made of beside its PCB and its memory: in `cisc` mode nothing.

.include "no_context.inc"
