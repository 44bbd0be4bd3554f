"""What the Python commands of Tools, Benchmarks and Samples share."""
