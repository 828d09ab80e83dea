"""How much a picture is stretched: what it shows, what resampling left behind, what frames are usual."""
