"""A mutation tester: faults are put into the code one at a time, and a test must fail."""
