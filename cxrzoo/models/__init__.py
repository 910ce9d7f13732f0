"""The zoo: builders of plain ``keras.Model``s that carry their own preprocessing and labels."""

from cxrzoo.lazy import lazy_names
from cxrzoo.models import backbones, paper  # noqa: F401 - they register themselves
from cxrzoo.models.backbone import Backbone, ImageNet, PackagedWeights
from cxrzoo.models.backbone_file import is_backbone_file
from cxrzoo.models.builder import building_in, computes_in_float32, parameters
from cxrzoo.models.features import feature_maps
from cxrzoo.models.folding import fold_batch_norm
from cxrzoo.models.register import register_backbone
from cxrzoo.models.registry import create_model, entry, list_models
from cxrzoo.models.restore import build_artifact, replace_head
from cxrzoo.models.scaling import Scaling
from cxrzoo.models.tensors import model_tensors, variables_by_name

# Every builder under its own name, as the generated stub beside this file lists them.
globals().update({_name: entry(_name).builder for _name in list_models()})

__all__ = [  # noqa: PLE0604 - the builders' names
    "Backbone",
    "ImageNet",
    "PackagedWeights",
    "Scaling",
    "build_artifact",
    "building_in",
    "computes_in_float32",
    "create_model",
    "entry",
    "feature_maps",
    "fold_batch_norm",
    "is_backbone_file",
    "list_models",
    "model_tensors",
    "parameters",
    "register_backbone",
    "replace_head",
    "variables_by_name",
    *list_models(),
]

__getattr__, __dir__, _ = lazy_names(
    __name__,
    {},
    renamed={
        "Entry": "cxrzoo.models.Backbone",
        "is_trunk_file": "cxrzoo.models.is_backbone_file",
    },
    gone={
        "register_model": "decorate the function that makes the network with "
        "cxrzoo.models.register_backbone; parameters are counted without a hand-written function"
    },
)
