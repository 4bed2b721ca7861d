"""What all other packages use: arrays, checks, names, native functions, source fingerprints."""
