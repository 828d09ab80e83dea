"""Pictures whose styles are the presets of ``customize_stylization``, all drawn by this code."""
