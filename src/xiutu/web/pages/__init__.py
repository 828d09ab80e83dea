"""One file per area of the console; each has ``ROUTES``."""
