"""A session where nothing runs -> the records of view.py."""
