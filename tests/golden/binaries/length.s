# length(string in a0) -> its length in a0
        .globl  length, end_of_text
        .type   length, @function
length: mv      t0, a0
loop:   lbu     t1, 0(t0)
        beqz    t1, done
        addi    t0, t0, 1
        j       loop
done:   sub     a0, t0, a0
        ret
end_of_text:
