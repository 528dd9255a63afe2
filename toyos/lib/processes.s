# processes.s: the list of all processes, for ps and pstree.

.include "common.inc"
.include "kstat.inc"
.include "proclist.inc"

.text

# process_records(end) -> address of the records (proclist.inc) in memory from
# malloc, or 0 with errno set; end: address of a word that receives the address
# behind the last one
proc process_records, args=1
        mv      s1, a0
        li      a0, KS_PROCESSES_MAX    # room for as many as there can be
        call    kstat_word
        li      t0, PL_SIZE
        mul     s0, a0, t0
        mv      a0, s0
        call    malloc
        beqz    a0, 1f
        mv      a1, s0
        mv      s0, a0
        call    proclist
        bltz    a0, 2f
        add     a0, s0, a0
        sw      a0, 0(s1)
        mv      a0, s0
        return
2:      li      a0, 0
1:      return
endp
