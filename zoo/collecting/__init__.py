"""Collections of any size: lists of audio, data sets of what models say of them."""
