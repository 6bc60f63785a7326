"""Part of audiozoo: a frozen graph into other formats."""
