"""What everything rests on: arrays, checks, names, native functions, source fingerprints."""
