"""The nine looks of ``style_trans``: shared stages and one file per family (private package)."""
