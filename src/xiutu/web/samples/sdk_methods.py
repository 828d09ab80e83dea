"""What the vendor's SDKs call each operator (documents, "SDK" chapters; WIRE section 4).

A method that is not here is not in that SDK: ``segment`` is in none.
"""

__all__ = ["NAMED", "SDK_METHODS"]

_CAMEL = {
    "colourize": "colourize",
    "style_trans": "styleTrans",
    "selfie_anime": "selfieAnime",
    "dehaze": "dehaze",
    "contrast_enhance": "contrastEnhance",
    "image_quality_enhance": "imageQualityEnhance",
    "stretch_restore": "stretchRestore",
    "inpainting": "inpaintingByMask",
    "image_definition_enhance": "imageDefinitionEnhance",
    "sky_seg": "skySeg",
}
_COLOUR = {"color_enhance": "colorEnhance"}
_LATER = {
    "customize_stylization": "customizeStylizationV1",
    "remove_moire": "removeMoireV1",
    "doc_repair": "docRepairV1",
    "denoise": "denoiseV1",
}

SDK_METHODS: dict[str, dict[str, str]] = {
    "python": _CAMEL | _LATER,
    "node": _CAMEL | _LATER | _COLOUR,
    "php": _CAMEL | _COLOUR,
    "java": _CAMEL | _COLOUR,
    "csharp": {
        "colourize": "Colourize",
        "style_trans": "ImageStyleTrans",
        "selfie_anime": "SelfieAnime",
        "dehaze": "Dehaze",
        "contrast_enhance": "ContrastEnhance",
        "image_quality_enhance": "ImageQualityEnhance",
        "stretch_restore": "StretchRestore",
        "inpainting": "ImageInpainting",
        "image_definition_enhance": "ImageDefinitionEnhance",
        "sky_seg": "SkySeg",
    },
    "cpp": {
        "colourize": "colourize_v1",
        "style_trans": "imagestyletrans",
        "selfie_anime": "selfieanime",
        "dehaze": "dehaze_v1",
        "contrast_enhance": "contrast_enhance_v1",
        "image_quality_enhance": "image_quality_enhance_v1",
        "stretch_restore": "stretch_restore_v1",
        "inpainting": "imageinpainting",
        "image_definition_enhance": "imagedefinitionenhance",
        "sky_seg": "skyseg",
    },
}

NAMED = {
    ("python", "inpainting"): ("rectangle",),
    ("python", "denoise"): ("option",),
    ("node", "inpainting"): ("rectangle",),
    ("node", "denoise"): ("option",),
    ("php", "inpainting"): ("rectangle",),
    ("java", "inpainting"): ("rectangle",),
    ("csharp", "inpainting"): ("rectangle",),
    ("csharp", "style_trans"): ("option",),
    ("cpp", "inpainting"): ("rectangle",),
    ("cpp", "style_trans"): ("option",),
}
"""Parameters that are arguments of their own; all others go with the options."""
