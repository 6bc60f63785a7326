"""Part of audiozoo. What activations mean together: a tempo, a pitch."""
