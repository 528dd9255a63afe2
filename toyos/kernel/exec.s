# execve: the process stays, the program is a new one.
#
# The loader's steps, in this order: find the file, read its header (aout.s), make text and data segments and clear
# the bss (exec_image), put the arguments and the environment on a new stack (exec_arguments.s). All of that happens
# in a new address space. Only when nothing can fail any more does the old one go: until then an error leaves the
# process as it was.

.include "kernel.inc"
.include "space.inc"
.include "exec.inc"
.include "aout.inc"

.text

# sys_execve(path, argv, envp): does not come back when it succeeds. -ENOENT, -ENOTDIR, -EACCES: not a file that may be
# executed; -ENOEXEC: not a program for this machine; -E2BIG: more than ARG_MAX bytes of arguments and environment;
# -ENOMEM; -EFAULT; -ENAMETOOLONG. `argv` and `envp` may be 0: no strings.
# pid, parent, ids, open files (but for those to be closed on exec) and accounting stay.
# s0 = current; locals: 0 = argv, 4 = envp.
proc sys_execve, args=3, frame=16
        sw      a1, 0(sp)
        sw      a2, 4(sp)
        load_current s0
        mv      a1, a0
        la      a0, exec_path
        li      a2, PATH_MAX
        call    copyinstr
        bltz    a0, 1f
        lw      a0, 0(sp)
        lw      a1, 4(sp)
        call    exec_arguments
        bnez    a0, 1f
        mv      a0, s0
        la      a1, exec_path
        call    exec_image
        bnez    a0, 1f
        mv      a0, s0
        call    file_close_on_exec
        lw      a0, P_SPACE + SPACE_ROOT(s0)
        call    mmu_load
        call    mmu_flush_code
        call    dispatch
1:
endp

# exec_image(pcb, path) -> 0 or an error (see sys_execve): loads the program at `path`, with the arguments that have
# been gathered, and makes it the PCB's. Called by execve, and at boot for init.
# s0 = image; locals: 0 = pcb, 4 = path.
proc exec_image, args=2, frame=16
        sw      a0, 0(sp)
        sw      a1, 4(sp)
        la      s0, image
        mv      a0, a1
        addi    a1, s0, IM_INODE
        call    file_lookup
        bnez    a0, 2f
        mv      a0, s0
        call    aout_read
        bnez    a0, 2f
        addi    a0, s0, IM_SPACE
        call    space_new
        bnez    a0, 2f
        mv      a0, s0
        addi    a1, s0, IM_FIRST
        call    segment_load
        bnez    a0, 1f
        mv      a0, s0
        addi    a1, s0, IM_SECOND
        call    segment_load
        bnez    a0, 1f
        addi    a0, s0, IM_SPACE
        call    exec_stack
        bgez    a0, 3f
1:      mv      s1, a0                  # undo what there is of the new space
        addi    a0, s0, IM_SPACE
        call    space_free
        mv      a0, s1
2:      return

3:      sw      a0, IM_STACK(s0)        # the point of no return
        lw      a0, 0(sp)
        lw      a1, 4(sp)
        mv      a2, s0
        call    exec_commit
        mv      a0, zero
endp

# exec_commit(pcb, path, image): the process gives up its old address space and gets the new one; every register is zero
# but for pc and sp. Called by exec_image.
# s0 = pcb, s1 = image; local 0 = path.
proc exec_commit, args=3, frame=16
        sw      a1, 0(sp)
        mv      s0, a0
        mv      s1, a2
        call    context_drop
        addi    a0, s0, P_SPACE
        call    space_free
        lw      t0, IM_SPACE + SPACE_ROOT(s1)
        sw      t0, P_SPACE + SPACE_ROOT(s0)
        lw      t0, IM_SPACE + SPACE_PAGES(s1)
        sw      t0, P_SPACE + SPACE_PAGES(s0)
        lw      t0, IM_END(s1)
        sw      t0, P_BRK_START(s0)
        sw      t0, P_BRK(s0)
        mv      a0, s0
        mv      a1, zero
        li      a2, P_ARCH_SIZE
        call    memset
        lw      t0, IM_HEADER + AOUT_ENTRY(s1)
        sw      t0, P_PC(s0)
        lw      t0, IM_STACK(s1)
        sw      t0, P_SP(s0)

        lw      a1, 0(sp)               # the name is the path's last part
        mv      t1, a1
1:      lbu     t0, 0(t1)
        addi    t1, t1, 1
        li      a0, '/'
        bne     t0, a0, 2f
        mv      a1, t1
2:      bnez    t0, 1b
        addi    a0, s0, P_NAME
        li      a2, NAME_SIZE
        call    strlcpy
endp

# segment_load(image, segment) -> 0, -ENOMEM, or -ENOEXEC when the file ends too early: maps the pages of one segment
# and fills them. Called by exec_image.
# s0 = segment, s1 = offset in it; locals: 0 = image, 4 = bytes wanted of a page.
proc segment_load, args=2, frame=16
        sw      a0, 0(sp)
        mv      s0, a1
        li      s1, 0
1:      lw      t0, SEG_MEMORY(s0)
        bgeu    s1, t0, 4f
        lw      a0, 0(sp)
        addi    a0, a0, IM_SPACE
        lw      a1, SEG_AT(s0)
        add     a1, a1, s1
        lw      a2, SEG_FLAGS(s0)
        call    space_map
        beqz    a0, 5f
        lw      a3, SEG_BYTES(s0)
        bgeu    s1, a3, 3f              # nothing but zeros from here on
        sub     a3, a3, s1
        li      t0, PAGE_SIZE
        bleu    a3, t0, 2f
        mv      a3, t0
2:      sw      a3, 4(sp)
        mv      a1, a0
        lw      a0, 0(sp)
        lw      a0, IM_INODE(a0)
        lw      a2, SEG_FROM(s0)
        add     a2, a2, s1
        call    fs_read
        lw      a3, 4(sp)
        bne     a0, a3, 6f
3:      li      t0, PAGE_SIZE
        add     s1, s1, t0
        j       1b
4:      mv      a0, zero
        return
5:      li      a0, -ENOMEM
        return
6:      li      a0, -ENOEXEC
endp

.bss
        .balign 4
image:          .zero IM_SIZE           # one exec at a time: the kernel does not interrupt itself
exec_path:      .zero PATH_MAX
