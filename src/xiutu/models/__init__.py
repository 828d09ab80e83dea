"""Model weights: catalogue, store and sessions."""
