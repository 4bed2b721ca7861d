"""What several commands use: options, runs, terminal output, explanations, interrupts."""
