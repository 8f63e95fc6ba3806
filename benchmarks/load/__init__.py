"""A whole service on this machine, and virtual families who use it while parts of it fail."""
