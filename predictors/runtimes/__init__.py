"""Networks run by OpenVINO, TensorFlow or ONNX Runtime."""
