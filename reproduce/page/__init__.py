"""What people look at: pictures that several experiments use, tables and pages."""
