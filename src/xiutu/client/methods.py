"""The vendor SDK's method names over one abstract call, shared by both clients."""

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from xiutu.client.calls import Picture

__all__ = ["Answer", "Methods"]

Answer = TypeVar("Answer")
Options = Mapping[str, Any] | None


class Methods(ABC, Generic[Answer]):
    """All 16 operators. ``image`` is the bytes of a file or its path; results are the answer's JSON.

    ``options`` are the further documented parameters of the operator, e.g. ``{"option": "pencil"}``.
    """

    @abstractmethod
    def _call(
        self, operator: str, pictures: Mapping[str, Picture], options: Options, **named: Any
    ) -> Answer: ...

    def colourize(self, image: Picture, options: Options = None) -> Answer:
        return self._call("colourize", {"image": image}, options)

    def styleTrans(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("style_trans", {"image": image}, options)

    def selfieAnime(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("selfie_anime", {"image": image}, options)

    def dehaze(self, image: Picture, options: Options = None) -> Answer:
        return self._call("dehaze", {"image": image}, options)

    def contrastEnhance(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("contrast_enhance", {"image": image}, options)

    def imageQualityEnhance(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("image_quality_enhance", {"image": image}, options)

    def stretchRestore(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("stretch_restore", {"image": image}, options)

    def inpaintingByMask(  # noqa: N802
        self, image: Picture, rectangle: Sequence[Mapping[str, int]] | str, options: Options = None
    ) -> Answer:
        """``rectangle``: a list of {left, top, width, height}, or its JSON text."""
        boxes = json.loads(rectangle) if isinstance(rectangle, str) else list(rectangle)
        return self._call("inpainting", {"image": image}, options, rectangle=boxes)

    def imageDefinitionEnhance(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("image_definition_enhance", {"image": image}, options)

    def colorEnhance(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("color_enhance", {"image": image}, options)

    def colorEnhanceUrl(self, url: str, options: Options = None) -> Answer:  # noqa: N802
        return self._call("color_enhance", {}, options, url=url)

    def skySeg(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("sky_seg", {"image": image}, options)

    def removeMoireV1(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("remove_moire", {"image": image}, options)

    def removeMoireV1Url(self, url: str, options: Options = None) -> Answer:  # noqa: N802
        return self._call("remove_moire", {}, options, url=url)

    def removeMoireV1Pdf(self, pdf: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("remove_moire", {"pdf_file": pdf}, options)

    def customizeStylizationV1(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        """``options``: ``style_id`` 0..29, or ``style`` (bytes of a style picture)."""
        chosen = dict(options or {})
        style = chosen.get("style")
        if isinstance(style, bytes):
            chosen["style"] = base64.b64encode(style).decode("ascii")
        return self._call("customize_stylization", {"image": image}, chosen)

    def customizeStylizationV1Url(self, url: str, options: Options = None) -> Answer:  # noqa: N802
        return self._call("customize_stylization", {}, options, url=url)

    def docRepairV1(self, image: Picture, options: Options = None) -> Answer:  # noqa: N802
        return self._call("doc_repair", {"image": image}, options)

    def docRepairV1Url(self, url: str, options: Options = None) -> Answer:  # noqa: N802
        return self._call("doc_repair", {}, options, url=url)

    def denoiseV1(self, image: Picture, option: int, options: Options = None) -> Answer:  # noqa: N802
        """``option``: strength 0..200."""
        return self._call("denoise", {"image": image}, options, option=option)

    def denoiseV1Url(self, url: str, option: int, options: Options = None) -> Answer:  # noqa: N802
        return self._call("denoise", {}, options, url=url, option=option)

    def segment(self, image: Picture, options: Options = None) -> Answer:
        return self._call("segment", {"image": image}, options)

    def callUrl(self, operator: str, url: str, options: Options = None) -> Answer:  # noqa: N802
        """Any operator by id, with a picture the server fetches; an addition of xiutu."""
        return self._call(operator, {}, options, url=url)
