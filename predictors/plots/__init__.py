"""Part of audiozoo. Pictures of predictions."""
