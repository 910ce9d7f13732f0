"""What ``cxrzoo`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.artifacts import convert_file as convert_file
from cxrzoo.artifacts import describe as describe
from cxrzoo.artifacts import from_pretrained as from_pretrained
from cxrzoo.artifacts import push_to_hub as push_to_hub
from cxrzoo.artifacts import save_pretrained as save_pretrained
from cxrzoo.data import CheXpert as CheXpert
from cxrzoo.data import ChestMNIST as ChestMNIST
from cxrzoo.data import MIMICCXRJPG as MIMICCXRJPG
from cxrzoo.data import NIHChestXray14 as NIHChestXray14
from cxrzoo.data import NIHGoogle as NIHGoogle
from cxrzoo.data import OpenI as OpenI
from cxrzoo.data import PadChest as PadChest
from cxrzoo.data import RSNAPneumonia as RSNAPneumonia
from cxrzoo.data import Records as Records
from cxrzoo.data import VinDrCXR as VinDrCXR
from cxrzoo.data import concat as concat
from cxrzoo.data import load_sample as load_sample
from cxrzoo.data import pack as pack
from cxrzoo.data import records_from_csv as records_from_csv
from cxrzoo.evaluation import Report as Report
from cxrzoo.evaluation import auc_report as auc_report
from cxrzoo.evaluation import compare as compare
from cxrzoo.export import export_model as export_model
from cxrzoo.images import check_images as check_images
from cxrzoo.inference import Scorer as Scorer
from cxrzoo.inference import evaluate as evaluate
from cxrzoo.labels import NIH_FINDINGS as NIH_FINDINGS
from cxrzoo.labels import NIH_LABELS as NIH_LABELS
from cxrzoo.models import cnn_test1 as cnn_test1
from cxrzoo.models import cnn_test2 as cnn_test2
from cxrzoo.models import create_model as create_model
from cxrzoo.models import densenet121_cxr as densenet121_cxr
from cxrzoo.models import list_models as list_models
from cxrzoo.models import mobilenet_cxr as mobilenet_cxr
from cxrzoo.models import replace_head as replace_head
from cxrzoo.pretrained import ModelConfig as ModelConfig
from cxrzoo.training import Recipe as Recipe
from cxrzoo.training import Run as Run
from cxrzoo.training import ValidationAUC as ValidationAUC
from cxrzoo.training import callback_preset as callback_preset
from cxrzoo.training import recipes as recipes
from cxrzoo.training import train as train

__version__: str
