"""Properties over examples, one contract over all catalogue entries, one real path for each feature."""
