"""A results file read and analysed from the command line, without a plan."""
