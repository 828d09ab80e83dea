"""Net and data of ``training/sky_seg.py``."""
