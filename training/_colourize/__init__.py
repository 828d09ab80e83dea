"""Parts of ``training/colourize.py``: pictures, network, export."""
