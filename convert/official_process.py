"""TensorFlow's graphs made into graph models by tensorflowjs: the program of a child process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freeze.child import serve


def convert(request: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a frozen graph."""
    from tensorflowjs.converters.tf_saved_model_conversion_v2 import convert_tf_frozen_model

    quantize = request["quantize"]
    try:
        convert_tf_frozen_model(
            request["graph"],
            ",".join(request["outputs"]),
            request["to"],
            quantization_dtype_map={quantize: True} if quantize else None,
        )
    except ValueError as error:  # which operations it lacks stands in the second line
        raise ValueError(" ".join(str(error).split())) from error
    return {}


if __name__ == "__main__":
    serve(convert)
