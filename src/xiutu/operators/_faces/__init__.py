"""Faces in a picture: detection, 468-point mesh, iris. Shared by operators that look at people."""

from xiutu.operators._faces.faces import WEIGHTS, Eye, Face, find

__all__ = ["WEIGHTS", "Eye", "Face", "find"]
