.set x, 3
.macro emit n
.word \n
.endm
.if x == 3
emit 1
.else
emit 2
.endif
.if x == 2
emit 3
.elseif x == 3
emit 4
.if 0
emit 5
.else
emit 6
.endif
.else
emit 7
.endif
.ifdef x
emit 8
.endif
.ifndef nothing
emit 9
.endif
.ifc a b, a b
emit 10
.endif
.ifnc one, two
emit 11
.endif
.ifeq x-3
emit 12
.endif
.ifge x
emit 13
.endif
.iflt x
emit 14
.endif
.ifb
emit 15
.endif
.ifeqs "p", "p"
emit 16
.endif
.ifle x - 3
emit 17
.endif
.ifgt x - 3
emit 18
.endif
