"""The tests, in the folders of the code that they try."""
