"""Claims held against measured values: verdicts, tables, report. Reads files, imports no torch."""
