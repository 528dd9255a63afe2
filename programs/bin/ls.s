# ls [-l] [NAME]...: the entries of folders, in the order of their names; a NAME
# that is no folder is shown itself. Without NAME, the current folder.
#
# -l: first what it is (d folder, c device, - file), who may read, write and run
# it, and how many bytes it has.

.include "common.inc"
.include "fcntl.inc"
.include "dirent.inc"
.include "errno.inc"
.include "stat.inc"

.equ PIECE,     1024            # bytes of entries read at a time
.equ NAMES_MAX, 1024            # most entries of one folder
.equ PATH_BYTES, 512            # longest NAME/ENTRY
.equ PERMISSION_BITS, 9

.text

# s0 = next word of argv, s1 = exit status
proc main, args=2, frame=16
        addi    s0, a1, 4
        li      s1, 0
        lw      a0, 0(s0)
        beqz    a0, here
        la      a1, option
        call    strcmp
        bnez    a0, 1f
        la      t0, long
        li      t1, 1
        sw      t1, 0(t0)
        addi    s0, s0, 4
        lw      a0, 0(s0)
        beqz    a0, here
1:      lw      t0, 4(s0)               # several: each folder gets a heading
        sw      t0, 0(sp)
2:      lw      a0, 0(s0)
        beqz    a0, 4f
        lw      a1, 0(sp)
        call    list
        beqz    a0, 3f
        mv      s1, a0
3:      addi    s0, s0, 4
        j       2b
4:      mv      a0, s1
        return
here:   la      a0, dot
        li      a1, 0
        call    list
        return
endp

# list(name, heading) -> 0, or 1 after a message: a folder's entries, or the name
# s0 = name, s1 = descriptor
proc list, args=2, frame=16
        mv      s0, a0
        sw      a1, 0(sp)
        li      a1, O_RDONLY
        call    open
        bltz    a0, failed
        mv      s1, a0
        la      t0, name_count
        sw      zero, 0(t0)
        mv      a0, s1
        call    read_entries
        bltz    a0, 1f
        mv      a0, s1
        call    close
        lw      t0, 0(sp)
        beqz    t0, 3f
        la      a0, heading
        mv      a1, s0
        call    printf
3:      call    sort_names
        mv      a0, s0
        call    show_names
        li      a0, 0
        return

1:      la      t0, errno
        lw      t0, 0(t0)
        sw      t0, 4(sp)
        mv      a0, s1
        call    close
        lw      t0, 4(sp)
        li      t1, ENOTDIR
        bne     t0, t1, 2f
        mv      a0, s0                  # not a folder: the name itself
        mv      a1, s0
        call    show
        li      a0, 0
        return
2:      la      t1, errno
        sw      t0, 0(t1)
failed: la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        mv      a1, s0
        la      a0, message
        call    eprintf
        li      a0, 1
        return
endp

# read_entries(fd) -> 0 or -1: copies of the entries' names into `names`, without
# those that begin with a dot
# s0 = descriptor, s1 = entry; at sp: the end of those that were read
proc read_entries, args=1, frame=16
        mv      s0, a0
1:      mv      a0, s0
        la      a1, entries
        li      a2, PIECE
        call    getdents
        blez    a0, 4f
        la      s1, entries
        add     t0, s1, a0
        sw      t0, 0(sp)
2:      lw      t0, 0(sp)
        bgeu    s1, t0, 1b
        lbu     t0, DIRENT_NAME(s1)
        li      t1, '.'
        beq     t0, t1, 3f
        addi    a0, s1, DIRENT_NAME
        call    add_name
        bltz    a0, 4f
3:      lhu     t0, DIRENT_LENGTH(s1)
        add     s1, s1, t0
        j       2b
4:      return
endp

# add_name(name) -> 0 or -1: appends a copy to `names`
proc add_name, args=1
        mv      s0, a0
        la      t0, name_count
        lw      t0, 0(t0)
        li      t1, NAMES_MAX
        bgeu    t0, t1, 1f
        call    strlen
        addi    a0, a0, 1
        call    malloc
        beqz    a0, 2f
        mv      a1, s0
        call    strcpy
        la      t0, name_count
        lw      t1, 0(t0)
        addi    a1, t1, 1
        sw      a1, 0(t0)
        slli    t1, t1, 2
        la      t0, names
        add     t0, t0, t1
        sw      a0, 0(t0)
        li      a0, 0
        return
1:      li      t0, ENOMEM
        la      t1, errno
        sw      t0, 0(t1)
2:      li      a0, -1
        return
endp

# sort_names(): by insertion: each name moves down until the one below it is
# not greater
# s0 = place of the name to insert, s1 = place that it has moved to
proc sort_names
        la      s0, names
1:      addi    s0, s0, 4
        la      t0, name_count
        lw      t0, 0(t0)
        slli    t0, t0, 2
        la      t1, names
        add     t0, t0, t1
        bgeu    s0, t0, 4f
        mv      s1, s0
2:      la      t0, names
        beq     s1, t0, 1b
        lw      a0, -4(s1)
        lw      a1, 0(s1)
        call    strcmp
        blez    a0, 1b
        lw      t0, -4(s1)
        lw      t1, 0(s1)
        sw      t1, -4(s1)
        sw      t0, 0(s1)
        addi    s1, s1, -4
        j       2b
4:      return
endp

# show_names(folder): one line for each of `names`, which are freed
proc show_names, args=1, frame=16+PATH_BYTES
        sw      a0, 0(sp)
        la      s0, names
        la      t0, name_count
        lw      s1, 0(t0)
1:      beqz    s1, 2f
        addi    s1, s1, -1
        addi    a0, sp, 16              # FOLDER/NAME
        lw      a1, 0(sp)
        li      a2, PATH_BYTES
        call    strlcpy
        addi    a0, sp, 16
        la      a1, slash
        li      a2, PATH_BYTES
        call    strlcat
        addi    a0, sp, 16
        lw      a1, 0(s0)
        li      a2, PATH_BYTES
        call    strlcat
        addi    a0, sp, 16
        lw      a1, 0(s0)
        call    show
        lw      a0, 0(s0)
        call    free
        addi    s0, s0, 4
        j       1b
2:      return
endp

# show(path, name): the line of one file
# s0 = path, then mode; s1 = name
proc show, args=2, frame=STAT_SIZE+40
        mv      s0, a0
        mv      s1, a1
        la      t0, long
        lw      t0, 0(t0)
        beqz    t0, plain
        mv      a0, s0
        li      a1, O_RDONLY
        call    open
        bltz    a0, plain               # what cannot be opened shows its name alone
        mv      s0, a0
        addi    a1, sp, 40
        call    fstat
        mv      a0, s0
        call    close
        lw      s0, 40+STAT_MODE(sp)
        addi    a0, sp, 16
        mv      a1, s0
        call    mode_text
        addi    t0, sp, 16
        sw      t0, 0(sp)
        lw      t0, 40+STAT_BYTES(sp)
        sw      t0, 4(sp)
        sw      s1, 8(sp)
        la      a0, long_line
        mv      a1, sp
        call    vprintf
        return
plain:  mv      a0, s1
        call    puts
        return
endp

# mode_text(buffer, mode): "-rwxr-xr-x" as the bits of mode say. A leaf.
mode_text:
        li      t0, S_IFMT
        and     t0, a1, t0
        li      a2, 'd'
        li      t1, S_IFDIR
        beq     t0, t1, 1f
        li      a2, 'c'
        li      t1, S_IFCHR
        beq     t0, t1, 1f
        li      a2, '-'
1:      sb      a2, 0(a0)
        addi    a0, a0, 1
        li      t0, 1 << (PERMISSION_BITS-1)
        la      a3, permissions
2:      lbu     a2, 0(a3)
        and     t1, a1, t0
        bnez    t1, 3f
        li      a2, '-'
3:      sb      a2, 0(a0)
        addi    a0, a0, 1
        addi    a3, a3, 1
        srli    t0, t0, 1
        bnez    t0, 2b
        sb      zero, 0(a0)
        ret

.section .rodata
option:         .asciz "-l"
dot:            .asciz "."
slash:          .asciz "/"
heading:        .asciz "%s:\n"
permissions:    .ascii "rwxrwxrwx"
long_line:      .asciz "%s %8u %s\n"
message:        .asciz "ls: %s: %s\n"

.bss
.balign 8
entries:        .space PIECE
names:          .space 4*NAMES_MAX
name_count:     .space 4
long:           .space 4
