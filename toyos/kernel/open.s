# open.s: openat: path -> descriptor; and what is there from the start.

.include "common.inc"
.include "errno.inc"
.include "file.inc"
.include "pcb.inc"

.section .rodata
no_devices:     .asciz "cannot make the files in /dev"

.text

# file_init(): makes the first file system from the initial archive, and /dev. Called once at boot, when frames can be
# had.
proc file_init
        call    tree_init
        call    cpio_mount
        call    device_init
        if_error a0, 1f
        la      t0, console_inode
        sw      a0, 0(t0)
        return
1:      la      a0, no_devices
        call    panic
endp

# file_open_console(pcb): descriptors 0, 1 and 2 of the first process lead to the console; its current directory is /.
proc file_open_console, args=1
        mv      s0, a0
        la      t0, root_inode
        sw      t0, P_CWD(s0)
        sw      zero, P_CLOEXEC(s0)
        la      a0, console_ops
        la      a1, console_inode
        lw      a1, 0(a1)
        li      a2, O_RDWR
        call    file_new
        sw      a0, P_FILES(s0)
        call    file_share
        sw      a0, P_FILES + 4(s0)
        call    file_share
        sw      a0, P_FILES + 8(s0)
        return
endp

# sys_openat(directory descriptor, path, flags, mode) -> lowest free descriptor
# s0 = flags, s1 = inode.
proc sys_openat, args=3, frame=WALK_SIZE
        mv      s0, a2
        andi    t0, s0, O_ACCMODE
        li      t1, O_ACCMODE
        beq     t0, t1, .Linvalid
        mv      a2, sp
        call    path_from_user
        if_error a0, .Lmissing
        mv      s1, a0

        li      t0, O_CREAT | O_EXCL
        and     t1, s0, t0
        li      a0, -EEXIST
        beq     t1, t0, .Lerror
        mv      a0, s1
        call    is_directory
        beqz    a0, 1f
        li      t0, O_ACCMODE | O_CREAT | O_TRUNC
        and     t0, s0, t0
        li      a0, -EISDIR
        bnez    t0, .Lerror
        la      a0, directory_ops
        j       .Lopen
1:      li      t0, O_DIRECTORY
        and     t0, s0, t0
        li      a0, -ENOTDIR
        bnez    t0, .Lerror
        lw      t1, I_MODE(s1)
        li      t0, S_IFMT
        and     t1, t1, t0
        li      t0, S_IFCHR
        beq     t1, t0, .Ldevice
        li      t0, S_IFREG
        li      a0, -ELOOP              # symbolic links are not followed,
        bne     t1, t0, .Lerror         # and there is nothing else

        la      a0, regular_ops
        li      t0, O_ACCMODE | O_TRUNC
        and     t0, s0, t0
        beqz    t0, .Lopen
        lw      t0, I_FS(s1)
        lw      t0, FS_FLAGS(t0)
        andi    t0, t0, FS_READ_ONLY
        beqz    t0, .Lopen
        li      a0, -EROFS
        return

.Ldevice:
        mv      a0, s1
        call    device_ops
        mv      t0, a0
        li      a0, -ENXIO
        beqz    t0, .Lerror
        mv      a0, t0

.Lopen: mv      a1, s1                  # a0 = its operations
        mv      a2, s0
        call    file_new
        mv      t0, a0
        li      a0, -ENFILE
        beqz    t0, .Lerror
        mv      a0, t0
        li      a1, 0
        mv      a2, s0
        call    fd_install
        return

.Lmissing:
        li      t0, -ENOENT             # may it be made?
        bne     a0, t0, .Lerror
        li      t0, O_CREAT
        and     t0, t0, s0
        beqz    t0, .Lerror
        lw      t0, WALK_DIRECTORY(sp)
        beqz    t0, .Lerror
        lw      t0, I_FS(t0)
        lw      t0, FS_FLAGS(t0)
        andi    t0, t0, FS_READ_ONLY
        beqz    t0, .Lerror
        li      a0, -EROFS
.Lerror:
        return
.Linvalid:
        li      a0, -EINVAL
        return
endp

# sys_faccessat(directory descriptor, path, mode) -> 0 if the file is there and could be used so: 4 read, 2 write, 1
# execute. The superuser may do anything but write to a read-only file system or execute what nobody may.
proc sys_faccessat, args=3, frame=WALK_SIZE
        mv      s0, a2
        li      t0, 7
        bgtu    s0, t0, 3f
        mv      a2, sp
        call    path_from_user
        if_error a0, 2f
        mv      s1, a0
        call    is_directory
        lw      t1, I_MODE(s1)
        bnez    a0, 1f                  # to execute a directory is to search it
        andi    t0, s0, 1
        beqz    t0, 1f
        andi    t0, t1, 0111
        li      a0, -EACCES
        beqz    t0, 2f
1:      li      a0, 0
        andi    t0, s0, 2
        beqz    t0, 2f
        li      t0, S_IFMT
        and     t1, t1, t0
        li      t0, S_IFCHR
        beq     t1, t0, 2f
        lw      t0, I_FS(s1)
        lw      t0, FS_FLAGS(t0)
        andi    t0, t0, FS_READ_ONLY
        beqz    t0, 2f
        li      a0, -EROFS
2:      return
3:      li      a0, -EINVAL
        return
endp

.bss
.balign 4
console_inode:  .space 4
