"""What the commands share: options, sessions, terminal output, interrupts."""
