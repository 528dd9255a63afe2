# What a process is made of beside its PCB and its memory: in `risc` mode nothing. Leaves.

.text

# context_init(): called once by kernel_main.
.globl context_init
context_init:
        ret

# context_settle(pcb): everything of the current process is in its PCB or its memory. Called before fork copies these,
# and by sys_window_flush.
.globl context_settle
context_settle:
        ret

# context_drop(pcb): what is in neither of them is forgotten. Called when a process ends or begins a new program.
.globl context_drop
context_drop:
        ret
