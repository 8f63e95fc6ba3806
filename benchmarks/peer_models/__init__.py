"""The peers that `benchmarks.peers` measures: how each is trained and served."""
