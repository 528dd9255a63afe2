# regular.s: operations of open files whose contents the file system keeps: regular files and directories.
#
# Bytes go through `copy_block`: from the file system into it, from it to the user, COPY_SIZE at a time.

.include "common.inc"
.include "errno.inc"
.include "dirent.inc"
.include "file.inc"

.section .rodata
.balign 4
.globl regular_ops, directory_ops
regular_ops:    .word regular_read, write_never, regular_seek, entries_never, control_never
directory_ops:  .word directory_read, write_never, regular_seek, directory_entries, control_never

.bss
.balign 16
copy_block:     .space COPY_SIZE

.text

# fs_read(inode, to, offset, length) -> bytes read into kernel memory, 0 at the end of the file; or a negative error
# number. Also called by exec.
proc fs_read, args=4
        lw      t0, I_FS(a0)
        lw      t0, FS_READ(t0)
        jalr    t0
        return
endp

# regular_read(file, to, length) -> bytes. s0 = file, s1 = bytes read.
.equ R_TO,              0
.equ R_LEFT,            4
.equ R_CHUNK,           8
proc regular_read, args=3, frame=16
        mv      s0, a0
        sw      a1, R_TO(sp)
        sw      a2, R_LEFT(sp)
        li      s1, 0
1:      lw      a3, R_LEFT(sp)
        beqz    a3, 4f
        li      t0, COPY_SIZE
        bleu    a3, t0, 2f
        mv      a3, t0
2:      lw      a0, F_INODE(s0)
        la      a1, copy_block
        lw      a2, F_OFFSET(s0)
        call    fs_read
        bltz    a0, 3f
        beqz    a0, 4f
        sw      a0, R_CHUNK(sp)
        mv      a2, a0
        lw      a0, R_TO(sp)
        la      a1, copy_block
        call    copyout
        bltz    a0, 3f
        lw      t0, R_CHUNK(sp)
        add     s1, s1, t0
        lw      t1, F_OFFSET(s0)
        add     t1, t1, t0
        sw      t1, F_OFFSET(s0)
        lw      t1, R_TO(sp)
        add     t1, t1, t0
        sw      t1, R_TO(sp)
        lw      t1, R_LEFT(sp)
        sub     t1, t1, t0
        sw      t1, R_LEFT(sp)
        j       1b
3:      beqz    s1, 5f                  # an error counts only if nothing was read before
4:      mv      a0, s1
5:      return
endp

# regular_seek(file, offset, whence) -> new offset. Behind the end is allowed, before the beginning is not.
.globl regular_seek
regular_seek:
        li      t1, 0
        beqz    a2, 1f                  # SEEK_SET
        lw      t1, F_OFFSET(a0)
        li      t0, SEEK_CUR
        beq     a2, t0, 1f
        lw      t1, F_INODE(a0)
        lw      t1, I_BYTES(t1)
        li      t0, SEEK_END
        bne     a2, t0, 2f
1:      add     t1, t1, a1
        bltz    t1, 2f
        sw      t1, F_OFFSET(a0)
        mv      a0, t1
        ret
2:      li      a0, -EINVAL
        ret

# directory_entries(file, to, length) -> bytes of records that fit; 0 behind the last entry; -EINVAL if not even one
# fits. The file's offset is the number of the next entry. s0 = file, s1 = bytes put out.
.equ G_TO,              0
.equ G_LENGTH,          4
.equ G_RECORD,          8               # length of this record
.equ G_ENTRY,           16              # what the file system tells
.equ G_FRAME,           G_ENTRY + E_SIZE
proc directory_entries, args=3, frame=G_FRAME
        mv      s0, a0
        sw      a1, G_TO(sp)
        sw      a2, G_LENGTH(sp)
        li      s1, 0

.Lentry:
        lw      a0, F_INODE(s0)
        lw      a1, F_OFFSET(s0)
        addi    a2, sp, G_ENTRY
        lw      t0, I_FS(a0)
        lw      t0, FS_ENTRY(t0)
        jalr    t0
        bltz    a0, .Lerror
        beqz    a0, .Lend

        lw      t0, G_ENTRY + E_LENGTH(sp)
        addi    t0, t0, DIRENT_NAME + 1 + 7     # the NUL, and up to a multiple of 8
        andi    t0, t0, -8
        sw      t0, G_RECORD(sp)
        add     t1, s1, t0
        lw      a1, G_LENGTH(sp)
        li      a0, -EINVAL
        bgtu    t1, a1, .Lerror

        la      a0, copy_block
        li      a1, 0
        mv      a2, t0
        call    memset
        la      a0, copy_block
        lw      t0, G_ENTRY + E_NUMBER(sp)
        sw      t0, DIRENT_NUMBER(a0)
        lw      t0, F_OFFSET(s0)
        addi    t0, t0, 1
        sw      t0, DIRENT_OFFSET(a0)
        lw      t0, G_RECORD(sp)
        sh      t0, DIRENT_LENGTH(a0)
        lw      t0, G_ENTRY + E_MODE(sp)
        srli    t0, t0, 12              # DT_... are the S_IF... without their twelve zeros
        sb      t0, DIRENT_TYPE(a0)
        addi    a0, a0, DIRENT_NAME
        lw      a1, G_ENTRY + E_NAME(sp)
        lw      a2, G_ENTRY + E_LENGTH(sp)
        call    memcpy

        lw      a0, G_TO(sp)
        add     a0, a0, s1
        la      a1, copy_block
        lw      a2, G_RECORD(sp)
        call    copyout
        bltz    a0, .Lerror
        lw      t0, G_RECORD(sp)
        add     s1, s1, t0
        lw      t0, F_OFFSET(s0)
        addi    t0, t0, 1
        sw      t0, F_OFFSET(s0)
        j       .Lentry

.Lerror:
        beqz    s1, 1f                  # counts only if nothing was put out before
.Lend:  mv      a0, s1
1:      return
endp

# The answers of files that cannot do what is asked of them. Leaves.
directory_read:
        li      a0, -EISDIR
        ret
.globl entries_never
entries_never:
        li      a0, -ENOTDIR
        ret
.globl seek_never
seek_never:
        li      a0, -ESPIPE
        ret
.globl control_never
control_never:
        li      a0, -ENOTTY
        ret
write_never:                            # reached only if openat let a read-only file be opened for writing
        li      a0, -EROFS
        ret
