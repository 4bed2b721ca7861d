"""Results as files, and as a page that opens without a network."""
