"""The Chinese engine, inside the sandbox: rapidocr with the models of its own wheel. Imported by the worker only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy
import rapidocr

_MODELS = Path(rapidocr.__file__).parent / "models"
_SETTINGS: dict[str, Any] = {
    "Global.log_level": "critical",
    # One thread: the other processors read other documents meanwhile.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
_STAGES = {"Det": "*_det_*.onnx", "Cls": "*_cls_*.onnx", "Rec": "*_rec_*.onnx"}

_engines: list[rapidocr.RapidOCR] = []


def warm() -> None:
    """Load the models and use each once."""
    engine = rapidocr.RapidOCR(params=_SETTINGS | _models())
    sample = numpy.full((64, 256, 3), 255, numpy.uint8)
    cv2.putText(sample, "2017", (20, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
    engine(sample)
    _engines.append(engine)


def main(request: bytes, files: list[int]) -> bytes:
    """The lines of the PNG in *request* as ``[[text, [left, top, right, bottom], confidence], ...]``."""
    image = cv2.imdecode(numpy.frombuffer(request, numpy.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("no picture")
    found: Any = _engines[0](image)
    if found.txts is None or found.boxes is None:
        return msgspec.msgpack.encode([])
    lines = [
        (text, (*map(float, box.min(axis=0)), *map(float, box.max(axis=0))), float(score))
        for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
    ]
    return msgspec.msgpack.encode(lines)


def _models() -> dict[str, Any]:
    """The wheel's models by path: where a path is given, rapidocr never looks for a download."""
    return {f"{stage}.model_path": str(next(_MODELS.glob(pattern))) for stage, pattern in _STAGES.items()}
