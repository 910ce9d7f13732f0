"""A published model as files: description, tensors and where they come from."""

from cxrzoo.lazy import lazy_names
from cxrzoo.pretrained.config import (
    FORMAT,
    Lineage,
    ModelConfig,
    config_from_json,
    config_of,
    config_to_json,
)
from cxrzoo.pretrained.patients import PatientSet, also_trained_on, patient_set
from cxrzoo.pretrained.source import Artifact, open_artifact
from cxrzoo.pretrained.tensors import load_tensors, parse_tensors, save_tensors

__all__ = [
    "FORMAT",
    "Artifact",
    "Lineage",
    "ModelConfig",
    "PatientSet",
    "also_trained_on",
    "config_from_json",
    "config_of",
    "config_to_json",
    "load_tensors",
    "open_artifact",
    "parse_tensors",
    "patient_set",
    "save_tensors",
]

__getattr__, __dir__, _ = lazy_names(__name__, {})
