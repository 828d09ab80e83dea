"""EfficientNet-Lite0 as PyTorch modules, and its way to ONNX."""
