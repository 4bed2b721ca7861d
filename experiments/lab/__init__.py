"""The instruments: clock, judge, referee, workers, store."""
