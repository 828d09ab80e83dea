"""Which points of the 468-point mesh make which line of the face (MediaPipe's numbering).

"Left" is the picture's left. Lines run as the names say; eyes from the outer to the inner corner.
"""

__all__ = [
    "BROWS",
    "EYE_CORNERS",
    "LIPS_IN_LOWER",
    "LIPS_IN_UPPER",
    "LIPS_OUT_LOWER",
    "LIPS_OUT_UPPER",
    "LOWER_LIDS",
    "NOSE_BRIDGE",
    "NOSTRILS",
    "OVAL",
    "UPPER_LIDS",
]

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Round the face, clockwise from the middle of the forehead."""

EYE_CORNERS = ((33, 133), (263, 362))
UPPER_LIDS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (263, 466, 388, 387, 386, 385, 384, 398, 362),
)
LOWER_LIDS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (263, 249, 390, 373, 374, 380, 381, 382, 362),
)
BROWS = (
    ((70, 63, 105, 66, 107), (46, 53, 52, 65, 55)),
    ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285)),
)
"""(upper edge, lower edge) of each brow, outer to inner end."""

LIPS_OUT_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LIPS_OUT_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
LIPS_IN_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIPS_IN_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
NOSE_BRIDGE = (168, 6, 197, 195, 5, 4, 1)
NOSTRILS = ((98, 97, 2), (327, 326, 2))
