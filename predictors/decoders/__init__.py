"""What activations mean together: a tempo, a pitch."""
