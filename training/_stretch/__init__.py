"""Nets and data of ``training/stretch_restore.py``."""
