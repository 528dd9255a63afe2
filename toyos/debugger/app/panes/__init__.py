"""The panes of the application, one a file."""
