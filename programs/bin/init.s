# init: the first process, pid 1, the ancestor of all others.
#
# It starts one program, waits for its children, its own and those that it has
# adopted, until that program ends, and then stops the machine. The program and
# its arguments are the NUL-terminated texts in /etc/init.args; if there is no
# such file, it is the shell on the console. The machine's exit status is the
# program's exit code, or 128 + the number of the signal that killed it.
#
# If the first of the texts is "-p", what is at the other end of the console is a
# pipe and not a terminal: input is not shown, and every byte stays what it is;
# only Ctrl-D is still the end of the input.
#
# Look at: the loop around wait(). Orphans are reaped here and nowhere else.

.include "common.inc"
.include "fcntl.inc"
.include "errno.inc"
.include "termios.inc"

.equ ARGS_BYTES, 8192           # longest /etc/init.args
.equ ARGS_WORDS, 256            # most arguments in it
.equ TC_FRAME, (TC_SIZE+15) & ~15
.equ NOT_FOUND, 127             # exit codes of a program that could not begin
.equ NOT_EXECUTABLE, 126

.text

# s0 = pid of the program, s1 = its arguments
proc main, frame=16
        la      t0, environ
        la      t1, first_environment
        sw      t1, 0(t0)
        call    read_arguments
        la      s1, arguments
        lw      a0, 0(s1)
        la      a1, pipe_option
        call    strcmp
        bnez    a0, 4f
        addi    s1, s1, 4
        call    use_pipe
4:      call    fork
        mv      s0, a0
        bltz    s0, no_fork
        beqz    s0, child

reap:   mv      a0, sp
        call    wait
        bne     a0, s0, reap            # an adopted orphan, or nothing
        lw      a0, 0(sp)
        andi    t0, a0, 0x7f            # the signal's number, if there was one
        beqz    t0, 1f
        addi    a0, t0, 128
        j       2f
1:      srli    a0, a0, 8
2:      call    power_off
        j       reap

child:  lw      a0, 0(s1)
        mv      a1, s1
        call    execvp
        la      t0, errno
        lw      s0, 0(t0)
        lw      a0, 0(s1)
        call    perror
        li      a0, NOT_FOUND
        li      t0, ENOENT
        beq     s0, t0, 3f
        li      a0, NOT_EXECUTABLE
3:      return                          # only the child gets here

no_fork:
        la      a0, my_name
        call    perror
        li      a0, NOT_EXECUTABLE
        call    power_off
        return
endp

# use_pipe(): the console neither shows its input nor adds carriage returns, and
# no byte but the one that ends the input means anything to it.
proc use_pipe, frame=TC_FRAME
        li      a0, 0
        li      a1, TCGETS
        mv      a2, sp
        call    ioctl
        lw      t0, TC_LFLAG(sp)
        andi    t0, t0, ~(ECHO | ISIG)
        sw      t0, TC_LFLAG(sp)
        lw      t0, TC_IFLAG(sp)
        andi    t0, t0, ~ICRNL
        sw      t0, TC_IFLAG(sp)
        sb      zero, TC_VERASE(sp)
        sb      zero, TC_VKILL(sp)
        lw      t0, TC_OFLAG(sp)
        andi    t0, t0, ~ONLCR
        sw      t0, TC_OFLAG(sp)
        li      a0, 0
        li      a1, TCSETS
        mv      a2, sp
        call    ioctl
        return
endp

# read_arguments(): fills the list `arguments` from /etc/init.args. If there is
# no such file, or nothing in it, the list stays as it is: the shell.
# s0 = descriptor, then the next text; s1 = end of the texts.
proc read_arguments
        la      a0, arguments_file
        li      a1, O_RDONLY
        call    open
        bltz    a0, 5f
        mv      s0, a0
        la      s1, texts
1:      mv      a0, s0
        mv      a1, s1
        la      a2, texts_end
        sub     a2, a2, s1
        call    read
        blez    a0, 2f
        add     s1, s1, a0
        la      t0, texts_end
        bltu    s1, t0, 1b
        j       7f                      # no end in sight
2:      mv      a0, s0
        call    close
        la      s0, texts
        la      t0, arguments           # t0 = next word of the list
3:      bgeu    s0, s1, 4f
        la      t1, arguments_end-4
        bgeu    t0, t1, 7f
        sw      s0, 0(t0)
        addi    t0, t0, 4
        sw      zero, 0(t0)
        sb      zero, 0(s1)             # should the last text have no NUL
6:      lbu     t1, 0(s0)
        addi    s0, s0, 1
        bnez    t1, 6b
        j       3b
7:      la      a0, too_long
        call    eprintf
        li      a0, NOT_EXECUTABLE
        call    power_off
4:
5:      return
endp

.section .rodata
my_name:        .asciz "init"
pipe_option:    .asciz "-p"
arguments_file: .asciz "/etc/init.args"
too_long:       .asciz "init: /etc/init.args is too long\n"
shell:          .asciz "/bin/sh"
path_setting:   .asciz "PATH=/run:/bin:/lectures"
home_setting:   .asciz "HOME=/"

.data
.balign 4
first_environment:
        .word   path_setting, home_setting, 0
arguments:
        .word   shell
        .zero   4*(ARGS_WORDS-1)
arguments_end:

.bss
texts:  .space  ARGS_BYTES
texts_end:
