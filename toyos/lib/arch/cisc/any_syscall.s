# any_syscall.s: a system call whose number is not known before, `cisc` mode.

.text

# any_syscall(a, b, c, d), number in t0 -> the kernel's own result: a negated
# error number or what the call gives. A leaf.
.globl any_syscall
any_syscall:
        chmk    $0xffff                 # this one means: the number is in t0
        rsb
