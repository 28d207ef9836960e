"""What the studio costs beyond the model itself: `make bench` measures it and writes docs/benchmarks.md."""
