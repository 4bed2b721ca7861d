"""The parts of a network: its layers, the passes through them, and what its outputs are judged by."""
