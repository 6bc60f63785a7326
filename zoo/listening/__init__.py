"""Part of audiozoo. Models over a microphone, live."""
