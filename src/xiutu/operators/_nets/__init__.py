"""Networks that several operators run, tile by tile."""
