"""The instruction sets: one row an instruction; encoding, decoding and text all follow from the rows."""
