"""Native code: loops over rows."""
