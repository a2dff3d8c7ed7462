"""A simulated web of publishers on loopback, for the demo, the tests and load tests."""
