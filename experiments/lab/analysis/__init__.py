"""From outcomes to statements: results, statistics, verdicts, reasons, advice."""
