# any_syscall.s: a system call whose number is not known before, `risc` mode.

.text

# any_syscall(a, b, c, d), number in t0 -> the kernel's own result: a negated
# error number or what the call gives. A leaf.
.globl any_syscall
any_syscall:
        mv      a7, t0
        ecall
        ret
