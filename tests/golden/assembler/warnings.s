        .byte   256
        .warning "this is a warning"
        .print  "and this a note"

