"""What the debugger knows -> rows of text with roles; plain functions, without a screen."""
