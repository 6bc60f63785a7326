"""Models over a microphone, live."""
