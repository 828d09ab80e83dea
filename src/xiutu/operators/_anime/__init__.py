"""How ``selfie_anime`` draws: regions, cel shading, lines, features, masks (private package)."""
