"""Measurements that are no race: functions called in a worker, and what a call costs."""
