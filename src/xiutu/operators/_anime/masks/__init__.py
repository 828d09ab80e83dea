"""The eight masks of ``type=anime_mask``: own designs, drawn in code on the mesh of the face.

1 surgical, 2 cat, 3 fox, 4 tiger, 5 cherry blossom, 6 butterfly, 7 samurai, 8 carnival.
"""

from collections.abc import Callable

from xiutu.operators._anime.masks import beasts, cloth, costume
from xiutu.operators._anime.masks.pen import Pen

__all__ = ["MASKS", "Pen"]

MASKS: dict[int, tuple[str, Callable[[Pen], None]]] = {
    1: ("surgical", cloth.surgical),
    2: ("cat", beasts.cat),
    3: ("fox", beasts.fox),
    4: ("tiger", beasts.tiger),
    5: ("cherry blossom", cloth.blossom),
    6: ("butterfly", costume.butterfly),
    7: ("samurai", costume.samurai),
    8: ("carnival", costume.carnival),
}
"""``mask_id`` -> (name, how it is drawn)."""
